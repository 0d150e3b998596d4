namespace OrtAdaMomentum.AspNetCore;

/// <summary>
/// How many times something happened that is not forgotten yet: what came in drains away evenly, a whole bucket of it in a time that is given. Size and
/// time may be others at every call. The runtime's own rate limiters go by the system's clock, and none bounds how many addresses it knows.
/// </summary>
internal struct LeakyBucket
{
    // Far below one failure, far above the rounding of a sum.
    private const double Nothing = 1e-9;

    private double _level;
    private long _seen;

    /// <summary>What is left now, 0 when it is empty.</summary>
    /// <param name="size">How much drains away in <paramref name="period"/>.</param>
    /// <param name="period">The time in which a full bucket is empty.</param>
    /// <param name="time">The clock, of which the elapsed time counts: setting the clock changes nothing.</param>
    public readonly double Level(int size, TimeSpan period, TimeProvider time) =>
        Math.Max(0, _level - size * (time.GetElapsedTime(_seen) / period));

    /// <summary>How long it takes until one more fits; zero when one does.</summary>
    public readonly TimeSpan WaitFor(int size, TimeSpan period, TimeProvider time)
    {
        double over = Level(size, period, time) + 1 - size;
        return over > Nothing ? period * (over / size) : TimeSpan.Zero;
    }

    /// <summary>One more.</summary>
    public void Add(int size, TimeSpan period, TimeProvider time) => (_level, _seen) = (Level(size, period, time) + 1, time.GetTimestamp());
}
