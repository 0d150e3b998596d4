namespace OrtAdaMomentum.Personalization;

/// <summary>Knows nothing: for systems that have no reader.</summary>
internal sealed class UnknownProbes : IPowerProbe, ITemperatureProbe, IPressureProbe, IMemoryProbe, IUserIdleProbe, IProcessorProbe
{
    public PowerReading? Read() => null;

    public double? ReadCelsius() => null;

    public double? ReadPercent(PressureKind kind) => null;

    public long? ReadAvailableBytes() => null;

    UserIdle? IUserIdleProbe.Read() => null;

    public ProcessorTimes? ReadTimes() => null;

    public double ReadLimit() => Environment.ProcessorCount;
}
