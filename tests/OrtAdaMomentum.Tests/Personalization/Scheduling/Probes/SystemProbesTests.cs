using Microsoft.Extensions.DependencyInjection;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Probes;

/// <summary>The readers of the system that the tests run on, whatever it is.</summary>
public sealed class SystemProbesTests : IDisposable
{
    private readonly ServiceProvider _services;

    public SystemProbesTests()
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        SystemProbes.AddTo(services);
        _services = services.BuildServiceProvider();
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Every_fact_has_a_reader_that_does_not_throw()
    {
        _ = _services.GetRequiredService<IPowerProbe>().Read();
        _ = _services.GetRequiredService<ITemperatureProbe>().ReadCelsius();
        _ = _services.GetRequiredService<IUserIdleProbe>().Read();
        foreach (var kind in Enum.GetValues<PressureKind>())
            _ = _services.GetRequiredService<IPressureProbe>().ReadPercent(kind);
    }

    [Fact]
    public void Memory_and_processors_of_this_machine_are_plausible()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsWindows(), "There is no reader for this system.");
        Assert.InRange(_services.GetRequiredService<IMemoryProbe>().ReadAvailableBytes()!.Value, 1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var probe = _services.GetRequiredService<IProcessorProbe>();
        Assert.InRange(probe.ReadLimit(), 0.01, Environment.ProcessorCount);
        var times = probe.ReadTimes()!.Value;
        Assert.InRange(times.Busy, TimeSpan.FromTicks(1), times.Total);
        Assert.True(_services.GetRequiredService<IProcessClock>().ProcessorTime > TimeSpan.Zero);
    }
}
