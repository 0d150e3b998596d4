namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Holds the processor time that training takes to a rate, by telling it after each step how long to wait. What a step took beyond the rate is a
/// debt, which waiting pays off; so a long step is followed by a long wait, and a wait that lasts longer than asked for is made good. What was
/// not used is kept for a fraction of a second only, so that a time of rest is not followed by a burst.
/// </summary>
internal sealed class CpuGovernor(TimeProvider time)
{
    // Unused time that may be caught up on; it covers what timers are late.
    private static readonly TimeSpan _kept = TimeSpan.FromMilliseconds(200);

    // Timers do not end shorter waits in time, and each costs a change of threads.
    private static readonly TimeSpan _shortestWait = TimeSpan.FromMilliseconds(20);

    private TimeSpan _balance;
    private long? _latest;

    /// <summary>Takes note of the processor time that was taken since the latest call.</summary>
    /// <param name="taken">How much, of all processors together.</param>
    /// <param name="rate">Seconds of processor time that may be taken in a second, greater than 0.</param>
    /// <returns>How long to wait before more is taken; zero for no wait.</returns>
    public TimeSpan Wait(TimeSpan taken, double rate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate);
        long now = time.GetTimestamp();
        var passed = time.GetElapsedTime(_latest ?? now, now);
        _latest = now;
        var most = _kept * rate;
        // First what was taken, then what may be: a long step has not been unused time.
        _balance += passed * rate - taken;
        if (_balance > most)
            _balance = most;
        var wait = -_balance / rate;
        return wait >= _shortestWait ? wait : TimeSpan.Zero;
    }

    /// <summary>Begins anew: what is taken next is not measured against the time until then.</summary>
    public void Restart() => (_balance, _latest) = (TimeSpan.Zero, time.GetTimestamp());
}
