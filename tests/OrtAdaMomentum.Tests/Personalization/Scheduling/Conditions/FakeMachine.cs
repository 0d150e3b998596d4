using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Conditions;

/// <summary>A machine whose facts a test sets. Unless set they are unknown.</summary>
internal sealed class FakeMachine : IPowerProbe, ITemperatureProbe, IPressureProbe, IMemoryProbe, IUserIdleProbe, IProcessorProbe, IProcessClock
{
    public PowerReading? Power { get; set; }

    public double? Celsius { get; set; }

    public Dictionary<PressureKind, double> Pressure { get; } = [];

    public long? AvailableBytes { get; set; }

    public UserIdle? Idle { get; set; }

    public ProcessorTimes? Times { get; set; }

    public double Processors { get; set; } = 2;

    public TimeSpan ProcessorTime { get; set; }

    PowerReading? IPowerProbe.Read() => Power;

    public double? ReadCelsius() => Celsius;

    public double? ReadPercent(PressureKind kind) => Pressure.TryGetValue(kind, out double percent) ? percent : null;

    public long? ReadAvailableBytes() => AvailableBytes;

    UserIdle? IUserIdleProbe.Read() => Idle;

    public ProcessorTimes? ReadTimes() => Times;

    public double ReadLimit() => Processors;
}
