using System.Diagnostics.CodeAnalysis;

namespace OrtAdaMomentum.Optimizers;

/// <summary>Work that can be done piece by piece in any order.</summary>
internal interface IChunkWork
{
    void Execute(int chunk);
}

/// <summary>
/// Threads that help with a step. Between steps they are parked, so that they take nothing from ONNX Runtime's threads, and a run
/// allocates nothing. Pieces are handed out one by one: a helper that the system wakes late finds nothing left, and nobody waits for it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as its threads, which wait on what it owns.")]
internal sealed class StepWorkers
{
    private const int Closed = int.MinValue;
    private const int StackSize = 256 * 1024;

    private readonly Lock _running = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly ManualResetEventSlim _allLeft = new(false);

    private int _started;
    private IChunkWork? _work;
    private int _count;
    private int _taken;
    private Exception? _failure;

    /// <summary>How many helpers are inside the current run, plus <see cref="Closed"/> while nobody may enter.</summary>
    private int _gate = Closed;

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

        _allLeft.Reset();
        _work = work;
        _count = count;
        _taken = 0;
        Volatile.Write(ref _gate, 0);
        _wake.Release(helpers);
        try
        {
            Drain(work);
        }
        finally
        {
            if (Interlocked.Add(ref _gate, Closed) != Closed)
                _allLeft.Wait();
            _work = null;
        }

        if (Interlocked.Exchange(ref _failure, null) is { } failure)
            throw new InvalidOperationException("A helper thread of an optimizer step failed.", failure);
    }

    private void Drain(IChunkWork work)
    {
        while (true)
        {
            int chunk = Interlocked.Increment(ref _taken) - 1;
            if (chunk >= _count)
                return;
            work.Execute(chunk);
        }
    }

    private void Help()
    {
        while (true)
        {
            _wake.Wait();
            if (!TryEnter())
                continue;
            try
            {
                Drain(_work!);
            }
            catch (Exception failure)
            {
                _failure = failure;
            }

            if (Interlocked.Decrement(ref _gate) == Closed)
                _allLeft.Set();
        }
    }

    private bool TryEnter()
    {
        int inside = Volatile.Read(ref _gate);
        while (inside >= 0)
        {
            int seen = Interlocked.CompareExchange(ref _gate, inside + 1, inside);
            if (seen == inside)
                return true;
            inside = seen;
        }

        return false;
    }
}
