using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Probes;

public sealed class LinuxPressureProbeTests : IDisposable
{
    private readonly LinuxTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void The_pressure_of_each_resource_is_read_from_its_file()
    {
        _tree.With("proc/pressure/cpu", "some avg10=49.09 avg60=48.85 avg300=28.34 total=6560079746\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0");
        _tree.With("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0");
        _tree.With("proc/pressure/io", "some avg10=22.51 avg60=10.83 avg300=2.90 total=52488619\nfull avg10=22.24 avg60=10.56 avg300=2.74 total=29177210");
        Assert.Equal((49.09, 0, 22.51), (Read(PressureKind.Cpu), Read(PressureKind.Memory), Read(PressureKind.Io)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("some")]
    [InlineData("some avg10= avg60=1")]
    [InlineData("some avg10=nan avg60=1")]
    [InlineData("some avg10=-1.00")]
    [InlineData("some avg10=4000.00")]
    [InlineData("full avg10=1.00")]
    public void What_is_no_pressure_is_unknown(string? content)
    {
        if (content is not null)
            _tree.With("proc/pressure/cpu", content);
        Assert.Null(Read(PressureKind.Cpu));
    }

    private double? Read(PressureKind kind) => new LinuxPressureProbe(_tree.Files).ReadPercent(kind);
}
