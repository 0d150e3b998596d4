namespace OrtAdaMomentum.Personalization;

/// <summary>Tells what the machine is fed by.</summary>
public interface IPowerProbe
{
    /// <summary>The state of now; null when it cannot be told. Does not throw.</summary>
    PowerReading? Read();
}

/// <summary>What a machine is fed by.</summary>
/// <param name="OnAcPower">Whether it is fed from outside; null when that cannot be told. A machine without a battery always is.</param>
/// <param name="BatteryPercent">Charge of its batteries, 0 to 100, the mean of several; null when it has none or they do not tell.</param>
/// <param name="HasBattery">Whether it has a battery that feeds it.</param>
public readonly record struct PowerReading(bool? OnAcPower, double? BatteryPercent, bool HasBattery);
