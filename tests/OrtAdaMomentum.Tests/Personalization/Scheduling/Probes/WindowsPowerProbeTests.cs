using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Probes;

public class WindowsPowerProbeTests
{
    [Theory]
    [InlineData(1, 128, 255, true, null, false)] // a desktop
    [InlineData(1, 8, 70, true, 70.0, true)] // charging
    [InlineData(0, 1, 90, false, 90.0, true)]
    [InlineData(0, 4, 3, false, 3.0, true)]
    [InlineData(255, 255, 255, null, null, false)]
    public void The_numbers_of_the_system_are_understood(byte line, byte flag, byte percent, bool? onAcPower, double? charge, bool hasBattery) =>
        Assert.Equal(new PowerReading(onAcPower, charge, hasBattery), WindowsPowerProbe.Of(line, flag, percent));
}
