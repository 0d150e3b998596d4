using Microsoft.Extensions.DependencyInjection;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Scheduling.Pausing;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling;

/// <summary>The machine's clock is put back or forward while the service runs.</summary>
public sealed class ClockJumpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SettableTime _time = new();
    private readonly SwitchCondition _condition = new();
    private readonly FakeEngine _engine = new();

    public static TheoryData<int> Jumps => [-1000, -1, 1, 1000];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task A_pause_is_neither_stuck_nor_ended(int days)
    {
        _condition.IsMet = false;
        await using var host = await StartAsync();
        await host.AddAsync(TinyClassifier.Samples(60));
        await UntilAsync(() => host.Monitor.State == FineTuningState.Paused);

        _time.Jump(TimeSpan.FromDays(days));
        await PassAsync(TimeSpan.FromMinutes(10));
        Assert.Equal((FineTuningState.Paused, 0), (host.Monitor.State, _engine.Jobs.Count));

        _condition.IsMet = true;
        await PassAsync(TimeSpan.FromSeconds(5));
        Assert.Equal((FineTuningState.Paused, 0), (host.Monitor.State, _engine.Jobs.Count));
        _time.Jump(TimeSpan.FromDays(days));
        await PassUntilAsync(() => host.Registry.Versions.Count == 2);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task Runs_keep_their_interval(int days)
    {
        await using var host = await StartAsync();
        await host.AddAsync(TinyClassifier.Samples(60));
        await UntilAsync(() => host.Registry.Versions.Count == 2 && host.Monitor.State == FineTuningState.Idle);

        await host.AddAsync(TinyClassifier.Samples(60, seed: 2));
        _time.Jump(TimeSpan.FromDays(days));
        for (int minute = 0; minute < 59; minute++)
            await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Single(_engine.Jobs);
        await PassUntilAsync(() => host.Registry.Versions.Count == 3);
    }

    [Fact]
    public async Task A_window_goes_by_the_clock_as_it_is()
    {
        await using var host = await StartAsync("* 2 * * *");
        await UntilAsync(() => host.Monitor.PauseReasons is [{ Condition: "window" }]);
        _time.Jump(TimeSpan.FromHours(2));
        await PassUntilAsync(() => host.Monitor.PauseReasons.Count == 0);
        _time.Jump(-TimeSpan.FromHours(1));
        await PassUntilAsync(() => host.Monitor.PauseReasons is [{ Condition: "window" }]);
    }

    private async Task<ServiceHost> StartAsync(params string[] window)
    {
        var host = await ServiceHost.StartAsync(
            _folder,
            options =>
            {
                options.Conditions.MinimumInterval = TimeSpan.FromHours(1);
                options.Conditions.TimeZone = "UTC";
                foreach (string expression in window)
                    options.Conditions.Window.Add(expression);
            },
            _engine,
            build: builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(_time);
                builder.AddCondition(_ => _condition);
            });
        await UntilAsync(() => host.Part<TrainingPermit>().Reasons.All(static reason => reason.Reason != "conditions are being checked"));
        return host;
    }

    /// <summary>Lets time pass in steps of a check, and lets what waits for it run.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(5))
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        await Task.Delay(5, Cancelled);
    }

    /// <summary>Lets time pass for as long as it takes: a wait that begins between two steps misses the one before.</summary>
    private async Task PassUntilAsync(Func<bool> condition)
    {
        while (!condition())
            await PassAsync(TimeSpan.FromSeconds(5));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, Cancelled);
    }
}
