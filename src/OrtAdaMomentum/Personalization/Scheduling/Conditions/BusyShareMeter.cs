namespace OrtAdaMomentum.Personalization;

/// <summary>Measures what other processes take of the machine's processors between two looks. One thread at a time.</summary>
internal sealed class BusyShareMeter(IProcessorProbe probe, IProcessClock clock)
{
    // The kernel counts in steps of 10 ms, so that shorter times say little.
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(500);

    private ProcessorTimes? _times;
    private TimeSpan _own;
    private double? _share;
    private bool _hasShare;

    /// <summary>
    /// The share, 0 to 1, since the measurement before; null when it cannot be told. The first measurement only begins one.
    /// </summary>
    public (bool IsFirst, double? Share) Measure()
    {
        var times = probe.ReadTimes();
        var own = clock.ProcessorTime;
        if (times is not { } now)
        {
            Forget();
            return (false, null);
        }

        if (_times is not { } then || now.Total < then.Total || now.Busy < then.Busy)
        {
            (_times, _own, _hasShare) = (now, own, false);
            return (true, null);
        }

        // Time of all processors, of which a part of a second may not have been counted yet.
        var total = now.Total - then.Total;
        if (total >= _shortest)
        {
            var others = now.Busy - then.Busy - (own - _own);
            _share = Math.Clamp(others / total, 0, 1);
            (_times, _own, _hasShare) = (now, own, true);
        }

        return (!_hasShare, _share);
    }

    /// <summary>Begins anew with the next measurement.</summary>
    public void Forget() => (_times, _share, _hasShare) = (null, null, false);
}
