using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Threading;

namespace OrtAdaMomentum.Training;

/// <summary>
/// The threads of one training: one that makes the steps, and those that ONNX Runtime computes on in the sessions that are opened for it. As they are
/// known, their processor time can be told from that of serving in the same process, and their priority be lowered.
/// </summary>
internal sealed class TrainingThreads : IDisposable
{
    private readonly bool _lowPriority;
    private readonly Lock _lock = new();
    private readonly HashSet<ThreadClock> _clocks = [];
    private readonly RuntimeThreads _runtime;
    private readonly WorkThread _work;
    private TimeSpan _ended;
    private readonly TimeSpan _helpersBefore = StepWorkers.Shared.ProcessorTime;
    private TimeSpan? _helpers;
    private bool _uncounted;

    public TrainingThreads(bool lowPriority = false)
    {
        _lowPriority = lowPriority;
        _runtime = new RuntimeThreads(Run);
        _work = new WorkThread("Training", Run);
    }

    /// <summary>How many of them run and are counted.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _clocks.Count;
        }
    }

    /// <summary>Whether the caller runs on the thread of the steps.</summary>
    public bool AreCurrent => _work.IsCurrent;

    /// <summary>
    /// Processor time of all of them up to now, and of the optimizer's helpers; null where the system does not tell. The helpers serve all trainings of the
    /// process, so that two at once count them twice.
    /// </summary>
    public TimeSpan? ProcessorTime
    {
        get
        {
            lock (_lock)
                return _uncounted ? null : _ended + Helpers() + _clocks.Aggregate(TimeSpan.Zero, static (sum, clock) => sum + clock.ProcessorTime);
        }
    }

    /// <summary>Lets sessions that are opened with these options compute on such threads.</summary>
    public void AddTo(SessionOptions options) => _runtime.AddTo(options);

    /// <summary>Does something on the thread of the steps, after all that was given to it before.</summary>
    public Task<T> RunAsync<T>(Func<T> work) => _work.RunAsync(work);

    /// <summary>Ends the thread of the steps. The sessions are disposed by their owner, before.</summary>
    public void Dispose()
    {
        _work.Dispose();
        _runtime.Dispose();
        lock (_lock)
            _helpers ??= Helpers();
    }

    private TimeSpan Helpers() => _helpers ?? StepWorkers.Shared.ProcessorTime - _helpersBefore;

    /// <summary>The life of one of the threads.</summary>
    private void Run(Action body)
    {
        if (_lowPriority)
            LowPriority.TakeForThisThread();
        using var clock = ThreadClock.OfThisThread();
        lock (_lock)
        {
            _uncounted |= clock is null;
            if (clock is not null)
                _clocks.Add(clock);
        }

        try
        {
            body();
        }
        finally
        {
            lock (_lock)
            {
                if (clock is not null && _clocks.Remove(clock))
                    _ended += clock.ProcessorTime;
            }
        }
    }
}
