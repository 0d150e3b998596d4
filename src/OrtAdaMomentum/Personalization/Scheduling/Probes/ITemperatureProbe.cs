namespace OrtAdaMomentum.Personalization;

/// <summary>Tells how hot the processor is.</summary>
public interface ITemperatureProbe
{
    /// <summary>The hottest of the processor's sensors in degrees Celsius; null when it cannot be told. Does not throw.</summary>
    double? ReadCelsius();
}
