using System.Runtime.InteropServices;
using OrtAdaMomentum.Kernels;

namespace OrtAdaMomentum.Bench;

/// <summary>The calling thread and one worker, for kernels outside of ONNX Runtime.</summary>
internal sealed unsafe class PairedThreads : IDisposable
{
    private readonly GCHandle _self;
    private readonly Thread _worker;
    private readonly SemaphoreSlim _start = new(0);
    private readonly SemaphoreSlim _done = new(0);
    private nint _piece;
    private nint _state;
    private int _next;
    private bool _stop;

    public PairedThreads()
    {
        _self = GCHandle.Alloc(this);
        _worker = new Thread(Work) { IsBackground = true };
        _worker.Start();
    }

    public KernelThreads Threads => new(&Run, (void*)GCHandle.ToIntPtr(_self));

    public void Dispose()
    {
        _stop = true;
        _start.Release();
        _worker.Join();
        _self.Free();
        _start.Dispose();
        _done.Dispose();
    }

    private static void Run(void* runner, delegate*<void*, int, void> piece, void* state, int count)
    {
        PairedThreads threads = (PairedThreads)GCHandle.FromIntPtr((nint)runner).Target!;
        (threads._piece, threads._state, threads._next) = ((nint)piece, (nint)state, count);
        threads._start.Release();
        threads.Drain();
        threads._done.Wait();
    }

    private void Work()
    {
        for (_start.Wait(); !_stop; _start.Wait())
        {
            Drain();
            _done.Release();
        }
    }

    private void Drain()
    {
        for (int index = Interlocked.Decrement(ref _next); index >= 0; index = Interlocked.Decrement(ref _next))
            ((delegate*<void*, int, void>)_piece)((void*)_state, index);
    }
}
