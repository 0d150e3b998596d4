using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Personalization;

public class FineTuningMonitorTests
{
    private readonly FineTuningMonitor _monitor = Parts.Monitor(new FakeTimeProvider());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watcher_first_gets_the_state_of_now_and_then_what_happens()
    {
        _monitor.Enter(FineTuningState.Collecting);
        await using var watcher = _monitor.WatchAsync(Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.True(await watcher.MoveNextAsync());
        Assert.Equal(FineTuningState.Collecting, Assert.IsType<StateChanged>(watcher.Current).State);

        _monitor.Enter(FineTuningState.Collecting); // no change, no event
        _monitor.Enter(FineTuningState.Training);
        _monitor.Progressed(Step(1));
        Assert.True(await watcher.MoveNextAsync());
        Assert.Equal(FineTuningState.Training, Assert.IsType<StateChanged>(watcher.Current).State);
        Assert.True(await watcher.MoveNextAsync());
        Assert.Equal(1, Assert.IsType<TrainingProgressed>(watcher.Current).Progress.Step);
        Assert.Equal(1, _monitor.LatestProgress!.Step);

        _monitor.Complete();
        Assert.False(await watcher.MoveNextAsync());
        await using var late = _monitor.WatchAsync(Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.True(await late.MoveNextAsync());
        Assert.False(await late.MoveNextAsync());
    }

    [Fact]
    public async Task A_slow_watcher_misses_the_oldest_events_and_holds_up_nobody()
    {
        await using var watcher = _monitor.WatchAsync(Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.True(await watcher.MoveNextAsync());
        for (int step = 1; step <= 10_000; step++)
            _monitor.Progressed(Step(step));
        _monitor.Complete();

        var seen = new List<int>();
        while (await watcher.MoveNextAsync())
            seen.Add(((TrainingProgressed)watcher.Current).Progress.Step);
        Assert.Equal(Enumerable.Range(10_000 - seen.Count + 1, seen.Count), seen);
        Assert.InRange(seen.Count, 1, 256);
    }

    [Fact]
    public void A_failure_is_shown_until_a_run_ends_well()
    {
        _monitor.Failed("no disk");
        Assert.Equal((FineTuningState.Failed, "no disk"), (_monitor.State, _monitor.LatestFailure!.Message));
        _monitor.RunEndedWell();
        Assert.Null(_monitor.LatestFailure);
    }

    private static TrainingProgress Step(int step) => new(1, step, 10_000, 0.5, 0.001, 1, true, 100, TimeSpan.Zero, TimeSpan.Zero, null);
}
