using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling;

public sealed class SchedulingOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Conditions:Window:0", "* 25 * * *", "Conditions:Window[0] must be a cron expression of five fields, was '* 25 * * *': '25' is no hour: 0-23, ranges such as 0-23, steps such as */2.")]
    [InlineData("Conditions:TimeZone", "Middle/Earth", "Conditions:TimeZone must be a time zone that the machine knows, was 'Middle/Earth'.")]
    [InlineData("Conditions:MinimumBatteryPercent", "101", "Conditions:MinimumBatteryPercent must be at least 0 and at most 100, was 101.")]
    [InlineData("Conditions:MaximumTemperature", "-1", "Conditions:MaximumTemperature must be at least 0 and at most 150, was -1.")]
    [InlineData("Conditions:MaximumCpuPressure", "NaN", "Conditions:MaximumCpuPressure must be at least 0 and at most 100, was NaN.")]
    [InlineData("Conditions:MaximumMemoryPressure", "-0.5", "Conditions:MaximumMemoryPressure must be at least 0 and at most 100, was -0.5.")]
    [InlineData("Conditions:MaximumIoPressure", "200", "Conditions:MaximumIoPressure must be at least 0 and at most 100, was 200.")]
    [InlineData("Conditions:MaximumBusyShare", "1.5", "Conditions:MaximumBusyShare must be at least 0 and at most 1, was 1.5.")]
    [InlineData("Conditions:MinimumFreeMemory", "-1", "Conditions:MinimumFreeMemory must be at least 0, was -1.")]
    [InlineData("Conditions:MinimumIdle", "-00:00:01", "Conditions:MinimumIdle must be at least 00:00:00 and at most 31 days, was -00:00:01.")]
    [InlineData("Conditions:MinimumInterval", "40.00:00:00", "Conditions:MinimumInterval must be at least 00:00:00 and at most 31 days, was 40.00:00:00.")]
    [InlineData("Conditions:CheckInterval", "00:00:00", "Conditions:CheckInterval must be at least 00:00:00.1000000 and at most 31 days, was 00:00:00.")]
    [InlineData("Conditions:CheckTimeout", "00:00:00", "Conditions:CheckTimeout must be at least 00:00:00.1000000 and at most 31 days, was 00:00:00.")]
    [InlineData("Conditions:ResumeAfter", "-00:00:01", "Conditions:ResumeAfter must be at least 00:00:00 and at most 31 days, was -00:00:01.")]
    [InlineData("Conditions:ReleaseAfter", "32.00:00:00", "Conditions:ReleaseAfter must be at least 00:00:00 and at most 31 days, was 32.00:00:00.")]
    [InlineData("Budget:CpuShare", "0", "Budget:CpuShare must be greater than 0 and at most 1, was 0.")]
    [InlineData("Budget:CpuShare", "1.01", "Budget:CpuShare must be greater than 0 and at most 1, was 1.01.")]
    [InlineData("Budget:MaximumMemory", "0", "Budget:MaximumMemory must be at least 1, was 0.")]
    public void A_value_out_of_range_is_named_with_its_bounds(string name, string value, string problem)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind((name, value)));
        Assert.Equal([problem], error.Failures);
    }

    [Fact]
    public void All_of_it_can_be_configured()
    {
        var options = Bind(
            ("Conditions:Window:0", "* 22-5 * * *"), ("Conditions:Window:1", "* * * * SAT,SUN"), ("Conditions:TimeZone", "UTC"),
            ("Conditions:MinimumIdle", "00:10:00"), ("Conditions:OnAcPower", "true"), ("Conditions:UnknownBlocks", "true"),
            ("Conditions:MaximumBusyShare", "0.5"), ("Conditions:MinimumFreeMemory", "1000000000"), ("Budget:CpuShare", "0.25"), ("Budget:LowPriority", "false"));
        Assert.Equal(["* 22-5 * * *", "* * * * SAT,SUN"], options.Conditions.Window);
        Assert.Equal(("UTC", TimeSpan.FromMinutes(10)), (options.Conditions.TimeZone, options.Conditions.MinimumIdle));
        Assert.True(options.Conditions.OnAcPower && options.Conditions.UnknownBlocks && !options.Budget.LowPriority);
        Assert.Equal((0.5, 1_000_000_000, 0.25), (options.Conditions.MaximumBusyShare, options.Conditions.MinimumFreeMemory, options.Budget.CpuShare));
    }

    private FineTuningServiceOptions Bind(params (string Name, string Value)[] values)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(static pair => KeyValuePair.Create("Service:" + pair.Name, (string?)pair.Value)))
            .AddInMemoryCollection([new("Service:ModelPath", TinyClassifier.Write(_folder)), new("Service:DataDirectory", _folder["data"])])
            .Build();
        var services = new ServiceCollection();
        services.AddFineTuning(configuration.GetSection("Service"));
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptionsMonitor<FineTuningServiceOptions>>().Get(FineTuningModel.DefaultName);
    }
}
