using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling;

public class RunIntervalTests
{
    private readonly SettableTime _time = new();
    private readonly RunInterval _interval;

    public RunIntervalTests() =>
        _interval = new RunInterval(static () => new TrainingConditionOptions { MinimumInterval = TimeSpan.FromHours(6) }, _time);

    [Fact]
    public void Without_a_run_before_it_has_passed()
    {
        _interval.Open(null);
        Assert.True(_interval.HasPassed);
    }

    [Fact]
    public void A_run_of_an_earlier_process_counts()
    {
        _interval.Open(_time.GetUtcNow() - TimeSpan.FromHours(4));
        Assert.False(_interval.HasPassed);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.True(_interval.HasPassed);
        _interval.RunEnded();
        Assert.False(_interval.HasPassed);
    }

    [Fact]
    public void A_run_in_the_future_of_a_clock_that_was_put_back_makes_it_wait_once_more_at_most()
    {
        _interval.Open(_time.GetUtcNow() + TimeSpan.FromDays(1000));
        Assert.False(_interval.HasPassed);
        _time.Advance(TimeSpan.FromHours(6));
        Assert.True(_interval.HasPassed);
    }

    [Theory]
    [InlineData(-1000)]
    [InlineData(1000)]
    public void A_clock_that_jumps_while_the_process_runs_changes_nothing(int days)
    {
        _interval.Open(null);
        _interval.RunEnded();
        _time.Jump(TimeSpan.FromDays(days));
        _time.Advance(new TimeSpan(5, 59, 59));
        Assert.False(_interval.HasPassed);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_interval.HasPassed);
    }
}
