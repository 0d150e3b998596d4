using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// What training of a model asks between two steps: it waits while it may not go on, and as long as its share of the processors demands.
/// </summary>
internal sealed class TrainingPace(
    TrainingHold hold, Func<TrainingBudgetOptions> budget, IProcessorProbe processors, IProcessClock process, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _longestWait = TimeSpan.FromDays(1);

    private readonly CpuGovernor _governor = new(time);
    private (TrainingThreads Threads, bool LowPriority)? _kept;
    private TimeSpan _counted;

    /// <summary>
    /// Processor time that counts as training's: that of its threads; where threads cannot be told apart, all that the process takes.
    /// </summary>
    public TimeSpan ProcessorTime => _kept?.Threads.ProcessorTime ?? process.ProcessorTime;

    /// <summary>
    /// The threads of a training, whose processor time is measured from now on. One training at a time. They are the same for all: the C library keeps what
    /// each new thread has freed, so that the memory of a process would grow with every training.
    /// </summary>
    public TrainingThreads Begin()
    {
        bool lowPriority = budget().LowPriority;
        if (_kept is not { } kept || kept.LowPriority != lowPriority)
        {
            Dispose();
            _kept = kept = (new TrainingThreads(lowPriority), lowPriority);
        }

        _counted = ProcessorTime;
        _governor.Restart();
        return kept.Threads;
    }

    /// <summary>Ends the threads, which may begin anew.</summary>
    public void Dispose()
    {
        _kept?.Threads.Dispose();
        _kept = null;
    }

    /// <summary>
    /// Returns when training may go on, and also when the token is cancelled. The calling thread waits: it is training's own, and a change of threads
    /// would cost processor time that counts for nobody.
    /// </summary>
    public void Wait(CancellationToken cancellationToken)
    {
        if (Due() is { Ticks: > 0 } due)
            Wait(due, cancellationToken);
        hold.Wait(cancellationToken);
    }

    private void Wait(TimeSpan due, CancellationToken cancellationToken)
    {
        due = due < _longestWait ? due : _longestWait;
        if (time == TimeProvider.System)
        {
            cancellationToken.WaitHandle.WaitOne(due);
            return;
        }

        try
        {
            Task.Delay(due, time, CancellationToken.None).Wait(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Left to the caller.
        }
    }

    /// <summary>How long to wait for the share to be kept.</summary>
    private TimeSpan Due()
    {
        var taken = ProcessorTime;
        var since = taken - _counted;
        _counted = taken;
        double share = budget().CpuShare;
        if (share < 1)
            return _governor.Wait(since, share * processors.ReadLimit());
        _governor.Restart();
        return TimeSpan.Zero;
    }
}
