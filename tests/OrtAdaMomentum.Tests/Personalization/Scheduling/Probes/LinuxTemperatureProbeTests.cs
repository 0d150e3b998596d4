using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Probes;

public sealed class LinuxTemperatureProbeTests : IDisposable
{
    private readonly LinuxTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void A_machine_without_sensors_is_unknown() => Assert.Null(Read());

    [Fact]
    public void The_hottest_sensor_of_the_processor_counts_not_that_of_the_radio()
    {
        Zone(0, "acpitz", "27800");
        Zone(1, "x86_pkg_temp", "61000");
        Zone(2, "iwlwifi_1", "80000");
        Zone(3, "cpu-thermal", "63500");
        Assert.Equal(63.5, Read());
    }

    [Fact]
    public void Sensors_that_only_the_hardware_monitor_has_count()
    {
        Zone(0, "acpitz", "20000");
        _tree.With("sys/class/hwmon/hwmon0", ("name", "nvme"), ("temp1_input", "90000"));
        _tree.With("sys/class/hwmon/hwmon1", ("name", "k10temp"), ("temp1_input", "48375"), ("temp3_input", "51250"), ("temp1_max", "95000"));
        Assert.Equal(51.25, Read());
    }

    [Fact]
    public void Where_no_sensor_is_named_as_the_processors_the_hottest_counts()
    {
        Zone(0, "acpitz", "27800");
        Zone(1, "thermal-fan-est", "44000");
        Assert.Equal(44, Read());
    }

    [Theory]
    [InlineData("")]
    [InlineData("hot")]
    [InlineData("0")]
    [InlineData("-273200")]
    [InlineData("2147483647")]
    public void A_sensor_that_gives_no_temperature_is_passed_over(string temperature)
    {
        Zone(0, "cpu-thermal", temperature);
        Assert.Null(Read());
        Zone(1, "cpu-thermal", "-5000");
        Assert.Equal(-5, Read());
    }

    private void Zone(int number, string type, string temperature) =>
        _tree.With($"sys/class/thermal/thermal_zone{number}", ("type", type), ("temp", temperature));

    private double? Read() => new LinuxTemperatureProbe(_tree.Files).ReadCelsius();
}
