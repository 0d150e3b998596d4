using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using OrtAdaMomentum.Threading;

namespace OrtAdaMomentum.Optimizers;

/// <summary>Work that can be done piece by piece in any order.</summary>
internal interface IChunkWork
{
    void Execute(int chunk);
}

/// <summary>
/// Threads that help with a step. Between steps they are parked, so that they take nothing from ONNX Runtime's threads; a run allocates
/// nothing. A helper that the system wakes late finds nothing left, and nobody waits for it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its threads, which wait on what it owns.")]
internal sealed class StepWorkers
{
    private const int Closed = int.MinValue;
    private const int StackSize = 256 * 1024;

    /// <summary>
    /// How long a helper looks for more before it is parked: the time between the two passes of a step, and no more.
    /// </summary>
    private static readonly long _patience = Stopwatch.Frequency / 50_000;

    private readonly Lock _running = new();
    private readonly object _parking = new();
    private readonly ManualResetEventSlim _allLeft = new(false);
    private readonly WorkShares _shares = new();
    private readonly List<ThreadClock> _clocks = [];

    private int _started;
    private int _run;
    private int _wanted;
    private IChunkWork? _work;
    private Exception? _failure;

    /// <summary>How many helpers are inside the current run, plus <see cref="Closed"/> while nobody may enter.</summary>
    private int _gate = Closed;

    /// <summary>Processor time that helpers have taken up to now, as far as the system tells.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            var time = TimeSpan.Zero;
            lock (_clocks)
            {
                foreach (var clock in _clocks)
                    time += clock.ProcessorTime;
            }

            return time;
        }
    }

    /// <summary>The helpers of the process. They are started when first needed, and stay.</summary>
    public static StepWorkers Shared { get; } = new();

    /// <summary>
    /// Does all pieces on the calling thread and up to <paramref name="threads"/> - 1 helpers, and returns when all are done. When the
    /// helpers already serve another caller, this one does its pieces alone.
    /// </summary>
    public void Run(IChunkWork work, int count, int threads)
    {
        int helpers = Math.Min(threads, count) - 1;
        if (helpers <= 0 || !_running.TryEnter())
        {
            for (int chunk = 0; chunk < count; chunk++)
                work.Execute(chunk);
            return;
        }

        try
        {
            RunShared(work, count, helpers);
        }
        finally
        {
            _running.Exit();
        }
    }

    private void RunShared(IChunkWork work, int count, int helpers)
    {
        for (; _started < helpers; _started++)
        {
            new Thread(Help, StackSize) { IsBackground = true, Name = $"Optimizer step {_started + 1}" }.Start();
        }

        _failure = null;
        _allLeft.Reset();
        _work = work;
        _shares.Cut(count, helpers + 1);
        _wanted = helpers;
        Volatile.Write(ref _gate, 0);
        lock (_parking)
        {
            Volatile.Write(ref _run, _run + 1);
            Monitor.PulseAll(_parking);
        }

        try
        {
            Drain(work, 0);
        }
        finally
        {
            if (Interlocked.Add(ref _gate, Closed) != Closed)
                _allLeft.Wait();
            _work = null;
        }

        if (_failure is not null)
            throw new InvalidOperationException("A helper thread of an optimizer step failed.", _failure);
    }

    private void Drain(IChunkWork work, int share)
    {
        while (_shares.TryTake(ref share, out int chunk))
            work.Execute(chunk);
    }

    private void Help()
    {
        if (ThreadClock.OfThisThread() is { } clock)
        {
            lock (_clocks)
                _clocks.Add(clock);
        }

        int served = 0;
        while (true)
        {
            served = NextRun(served);
            int place = TryEnter();
            if (place == 0)
                continue;
            try
            {
                Drain(_work!, place);
            }
            catch (Exception failure)
            {
                _failure = failure;
            }

            if (Interlocked.Decrement(ref _gate) == Closed)
                _allLeft.Set();
        }
    }

    private int NextRun(int served)
    {
        long start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _run) == served && Stopwatch.GetTimestamp() - start < _patience)
            Thread.SpinWait(4);
        if (Volatile.Read(ref _run) == served)
        {
            lock (_parking)
            {
                while (_run == served)
                    Monitor.Wait(_parking);
            }
        }

        return Volatile.Read(ref _run);
    }

    /// <summary>Enters the current run. Returns the caller's place in it, from 1; 0 where no helper is wanted any more.</summary>
    private int TryEnter()
    {
        int inside = Volatile.Read(ref _gate);
        while (inside >= 0 && inside < _wanted)
        {
            int seen = Interlocked.CompareExchange(ref _gate, inside + 1, inside);
            if (seen == inside)
                return inside + 1;
            inside = seen;
        }

        return 0;
    }
}
