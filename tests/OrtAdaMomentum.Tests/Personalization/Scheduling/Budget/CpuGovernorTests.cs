using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Budget;

public class CpuGovernorTests
{
    private readonly SettableTime _time = new();
    private readonly CpuGovernor _governor;

    public CpuGovernorTests()
    {
        _governor = new CpuGovernor(_time);
        _governor.Restart();
    }

    /// <summary>Share, processors, seconds of a step, processors that a step gets, seconds that timers are late.</summary>
    public static TheoryData<double, double, double, double, double> Machines => new()
    {
        { 0.5, 2, 0.004, 2, 0 },
        { 0.5, 2, 0.004, 2, 0.004 },
        { 0.25, 2, 0.003, 1.7, 0.0155 }, // timers as on Windows
        { 0.05, 1, 0.02, 1, 0.001 },
        { 0.9, 4, 0.05, 3.95, 0.001 },
        { 0.5, 0.5, 0.1, 0.5, 0.001 }, // a container with half a processor
        { 0.3, 2, 0.25, 1.9, 0.001 }, // long steps
        { 0.5, 2, 0.02, 1.2, 0.001 }, // others take some of the machine
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void Any_ten_seconds_keep_to_the_share(double share, double processors, double step, double used, double late)
    {
        double rate = share * processors;
        // When steps ended, and what all up to them took.
        var steps = new List<(double Time, double Taken)> { (0, 0) };
        double now = 0;
        while (now < 60)
        {
            now += Pass(step);
            steps.Add((now, steps[^1].Taken + step * used));
            var wait = _governor.Wait(TimeSpan.FromSeconds(step * used), rate);
            if (wait > TimeSpan.Zero)
                now += Pass(wait.TotalSeconds + late);
        }

        for (int first = 0, last = 0; steps[first].Time < 50; first++)
        {
            while (last + 1 < steps.Count && steps[last + 1].Time <= steps[first].Time + 10)
                last++;
            Assert.InRange(steps[last].Taken - steps[first].Taken, 10 * rate * 0.9, 10 * rate * 1.1);
        }

        double Pass(double seconds)
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            return seconds;
        }
    }

    [Fact]
    public void A_step_of_many_seconds_is_followed_by_as_long_a_wait_as_it_takes()
    {
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(90, _governor.Wait(TimeSpan.FromSeconds(60), rate: 0.5).TotalSeconds, 6);
    }

    [Fact]
    public void What_was_not_used_in_an_hour_is_not_caught_up_on()
    {
        Assert.Equal(TimeSpan.Zero, _governor.Wait(TimeSpan.Zero, 1));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, _governor.Wait(TimeSpan.Zero, 1));
        Assert.Equal(0.8, _governor.Wait(TimeSpan.FromSeconds(1), 1).TotalSeconds, 6);
    }

    [Fact]
    public void Waits_that_are_too_short_to_be_kept_are_made_together()
    {
        int waits = 0;
        for (int step = 0; step < 1000; step++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            var wait = _governor.Wait(TimeSpan.FromMilliseconds(1), 0.5);
            if (wait == TimeSpan.Zero)
                continue;
            Assert.True(wait >= TimeSpan.FromMilliseconds(20));
            waits++;
            _time.Advance(wait);
        }

        Assert.InRange(waits, 30, 50);
    }

    [Theory]
    [InlineData(-1000)]
    [InlineData(1000)]
    public void A_clock_that_jumps_changes_no_wait(int days)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Jump(TimeSpan.FromDays(days));
        Assert.Equal(1, _governor.Wait(TimeSpan.FromSeconds(1), 0.5).TotalSeconds, 6);
    }
}
