using System.Runtime.Versioning;

namespace OrtAdaMomentum.Personalization;

/// <summary>Asks <c>GetSystemPowerStatus</c>.</summary>
internal sealed unsafe class WindowsPowerProbe : IPowerProbe
{
    private const byte NoBattery = 128, Unknown = 255;

    [SupportedOSPlatform("windows")]
    public PowerReading? Read()
    {
        WindowsSystem.PowerStatus status;
        return WindowsSystem.GetSystemPowerStatus(&status) == 0 ? null : Of(status.LineStatus, status.BatteryFlag, status.BatteryPercent);
    }

    /// <summary>What the numbers of the structure mean.</summary>
    public static PowerReading Of(byte line, byte flag, byte percent)
    {
        bool isKnown = flag != Unknown;
        if (isKnown && (flag & NoBattery) != 0)
            return new PowerReading(OnAcPower: true, BatteryPercent: null, HasBattery: false);
        return new PowerReading(line switch { 0 => false, 1 => true, _ => null }, percent <= 100 ? percent : null, HasBattery: isKnown);
    }
}
