using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Bench;

/// <summary>y = a x + y in place, 12 bytes for each float: a loop that reads every line that it writes, as an optimizer does.</summary>
internal sealed unsafe class Axpy(FlatBuffer x, FlatBuffer y) : IChunkWork
{
    private readonly float* _x = x.Pointer;
    private readonly float* _y = y.Pointer;
    private readonly int _length = x.Layout.Length;

    public void Execute(int chunk)
    {
        int from = chunk * StepPlan.ChunkLength;
        Range(_x, _y, from, Math.Min(_length, from + StepPlan.ChunkLength));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Range(float* x, float* y, int from, int to)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var factor = Vector512.Create(1e-7f);
            for (int i = from; i < to; i += Vector512<float>.Count)
                Vector512.FusedMultiplyAdd(factor, Vector512.Load(x + i), Vector512.Load(y + i)).Store(y + i);
        }
        else
        {
            var factor = Vector128.Create(1e-7f);
            for (int i = from; i < to; i += Vector128<float>.Count)
                Vector128.FusedMultiplyAdd(factor, Vector128.Load(x + i), Vector128.Load(y + i)).Store(y + i);
        }
    }
}
