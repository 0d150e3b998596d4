using Microsoft.Extensions.Logging.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Scheduling.Conditions;
using OrtAdaMomentum.Tests.Personalization.Scheduling.Pausing;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Threading;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Budget;

public sealed class TrainingPaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SettableTime _time = new();
    private readonly FakeMachine _machine = new();
    private readonly SwitchCondition _condition = new();
    private readonly TrainingBudgetOptions _budget = new() { CpuShare = 0.25 };
    private readonly FineTuningMetrics _metrics = new();
    private readonly TrainingPermit _permit;
    private readonly TrainingPace _pace;

    public TrainingPaceTests()
    {
        var conditions = new TrainingConditionOptions();
        _permit = new TrainingPermit(
            new ConditionChecker([_condition], () => conditions, _time, new FakeLogger()),
            new ManualPauseFile(_folder.Path), () => conditions, static _ => { }, _time, new FakeLogger<TrainingPermit>());
        var hold = new TrainingHold(_permit, () => conditions, Parts.Monitor(_time), _metrics, _time, new FakeLogger<TrainingHold>());
        _pace = new TrainingPace(hold, () => _budget, _machine, _machine, _time);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _pace.Dispose();
        _permit.Dispose();
        _metrics.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Training_waits_until_what_its_threads_took_is_within_its_share_of_two_processors()
    {
        await _permit.CheckAsync(Cancelled);
        var threads = _pace.Begin();
        Assert.SkipWhen(threads.ProcessorTime is null, "The system does not count the time of threads.");
        await threads.RunAsync(static () => Burn(TimeSpan.FromMilliseconds(100)));
        var waiting = await BeginWaitAsync(Cancelled);
        // Half of a second's processor time in a second: 0.1 s take 0.2 s, and a little more for what the thread did beside.
        _time.Advance(TimeSpan.FromSeconds(0.19));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        await waiting;
    }

    [Fact]
    public async Task A_change_of_the_share_holds_from_the_next_step_on()
    {
        await _permit.CheckAsync(Cancelled);
        var threads = _pace.Begin();
        Assert.SkipWhen(threads.ProcessorTime is null, "The system does not count the time of threads.");
        _budget.CpuShare = 1;
        await threads.RunAsync(static () => Burn(TimeSpan.FromMilliseconds(50)));
        _pace.Wait(Cancelled);
    }

    [Fact]
    public async Task A_stop_ends_the_wait_for_the_share_and_for_the_permit()
    {
        await _permit.CheckAsync(Cancelled);
        var threads = _pace.Begin();
        Assert.SkipWhen(threads.ProcessorTime is null, "The system does not count the time of threads.");
        await threads.RunAsync(static () => Burn(TimeSpan.FromMilliseconds(50)));
        _condition.IsMet = false;
        await _permit.CheckAsync(Cancelled);
        using var stop = new CancellationTokenSource();
        var waiting = await BeginWaitAsync(stop.Token);
        await stop.CancelAsync();
        await waiting;
    }

    [Fact]
    public void Trainings_use_the_same_threads_one_after_the_other()
    {
        var threads = _pace.Begin();
        Assert.Same(threads, _pace.Begin());

        _budget.LowPriority = !_budget.LowPriority;
        Assert.NotSame(threads, _pace.Begin());
    }

    /// <summary>Waits on a thread of its own; returns when that waits on the time of the test.</summary>
    private async Task<Task> BeginWaitAsync(CancellationToken stop)
    {
        int timers = _time.Timers;
        var waiting = Task.Run(() => _pace.Wait(stop), Cancelled);
        while (_time.Timers == timers)
            await Task.Delay(1, Cancelled);
        return waiting;
    }

    private static int Burn(TimeSpan time)
    {
        var clock = ThreadClock.OfThisThread()!;
        var until = clock.ProcessorTime + time;
        int count = 0;
        while (clock.ProcessorTime < until)
            count++;
        return count;
    }
}
