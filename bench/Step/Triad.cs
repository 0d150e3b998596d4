using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Bench;

/// <summary>z = x + a y, of which 12 bytes are counted for each float: the processor also reads the lines of z before it writes them.</summary>
internal sealed unsafe class Triad(FlatBuffer x, FlatBuffer y, FlatBuffer z) : IChunkWork
{
    private readonly float* _x = x.Pointer;
    private readonly float* _y = y.Pointer;
    private readonly float* _z = z.Pointer;
    private readonly int _length = x.Layout.Length;

    public void Execute(int chunk)
    {
        int from = chunk * StepPlan.ChunkLength;
        Range(_x, _y, _z, from, Math.Min(_length, from + StepPlan.ChunkLength));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Range(float* x, float* y, float* z, int from, int to)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var factor = Vector512.Create(1e-7f);
            for (int i = from; i < to; i += Vector512<float>.Count)
                Vector512.FusedMultiplyAdd(factor, Vector512.Load(y + i), Vector512.Load(x + i)).Store(z + i);
        }
        else
        {
            var factor = Vector128.Create(1e-7f);
            for (int i = from; i < to; i += Vector128<float>.Count)
                Vector128.FusedMultiplyAdd(factor, Vector128.Load(y + i), Vector128.Load(x + i)).Store(z + i);
        }
    }
}
