using Microsoft.Extensions.Time.Testing;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling;

/// <summary>Time that a test moves, with a clock that can be put back or forward while no time passes, as the clock of a machine can.</summary>
internal sealed class SettableTime : TimeProvider
{
    private readonly FakeTimeProvider _passing = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private TimeSpan _jumped;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => _passing.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _passing.GetUtcNow() + _jumped;

    public override long GetTimestamp() => _passing.GetTimestamp();

    /// <summary>How many timers were started: something waits from when there is one more.</summary>
    public int Timers { get; private set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _passing.CreateTimer(callback, state, dueTime, period);
        Timers++;
        return timer;
    }

    public void Advance(TimeSpan time) => _passing.Advance(time);

    public void Jump(TimeSpan time) => _jumped += time;
}
