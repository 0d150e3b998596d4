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

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _passing.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan time) => _passing.Advance(time);

    public void Jump(TimeSpan time) => _jumped += time;
}
