using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace OrtAdaMomentum.Threading;

/// <summary>A thread that does what it is given, one thing after the other.</summary>
internal sealed class WorkThread : IDisposable
{
    private readonly BlockingCollection<Action> _given = [];
    private readonly Thread _thread;
    private bool _disposed;

    /// <param name="name">Name of the thread.</param>
    /// <param name="run">Carries the thread's life out, which it gets as an argument.</param>
    public WorkThread(string name, Action<Action> run)
    {
        _thread = new Thread(() => run(DoAll)) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Whether the caller runs on it.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _given.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (OperationCanceledException error)
            {
                done.SetCanceled(error.CancellationToken);
            }
#pragma warning disable CA1031 // Whoever waits for the work gets its error.
            catch (Exception error)
#pragma warning restore CA1031
            {
                done.SetException(error);
            }
        });
        return done.Task;
    }

    /// <summary>Ends the thread when it has done what it was given.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _given.CompleteAdding();
        _thread.Join();
        _given.Dispose();
    }

    private void DoAll()
    {
        while (DoNext())
        {
        }
    }

    /// <summary>In a method of its own, so that a thread which waits keeps nothing of the work that it did last.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool DoNext()
    {
        if (!_given.TryTake(out var work, Timeout.Infinite))
            return false;
        work();
        return true;
    }
}
