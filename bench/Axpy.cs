using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Bench;

/// <summary>
/// y = a x + y in place, 12 bytes for each float: what the machine's memory gives to a loop that reads every line it writes, as an
/// optimizer does. A second thread spins for its half, so that no time is lost to waking it.
/// </summary>
internal sealed unsafe class Axpy : IDisposable
{
    private readonly float* _x;
    private readonly float* _y;
    private readonly int _length;
    private readonly int _half;
    private readonly Thread? _second;
    private int _asked;
    private int _done;
    private volatile bool _stop;

    public Axpy(FlatBuffer x, FlatBuffer y, int threads)
    {
        _x = (float*)x.Address;
        _y = (float*)y.Address;
        _length = x.Layout.Length;
        _half = threads == 1 ? _length : _length / 32 * 16;
        if (threads == 1)
            return;
        _second = new Thread(Serve) { IsBackground = true };
        _second.Start();
    }

    public void Run()
    {
        Interlocked.Increment(ref _asked);
        Range(_x, _y, 0, _half);
        while (_second is not null && Volatile.Read(ref _done) != _asked)
            Thread.SpinWait(1);
    }

    public void Dispose()
    {
        _stop = true;
        _second?.Join();
    }

    private void Serve()
    {
        SpinWait idle = default;
        while (!_stop)
        {
            if (Volatile.Read(ref _asked) == _done)
            {
                // Other candidates are being timed meanwhile: sleep rather than take their core.
                idle.SpinOnce();
                continue;
            }

            idle.Reset();
            Range(_x, _y, _half, _length);
            Volatile.Write(ref _done, _asked);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Range(float* x, float* y, int from, int to)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> factor = Vector512.Create(1e-7f);
            for (int i = from; i < to; i += Vector512<float>.Count)
                Vector512.FusedMultiplyAdd(factor, Vector512.Load(x + i), Vector512.Load(y + i)).Store(y + i);
        }
        else
        {
            Vector128<float> factor = Vector128.Create(1e-7f);
            for (int i = from; i < to; i += Vector128<float>.Count)
                Vector128.FusedMultiplyAdd(factor, Vector128.Load(x + i), Vector128.Load(y + i)).Store(y + i);
        }
    }
}
