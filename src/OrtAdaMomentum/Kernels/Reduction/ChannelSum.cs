using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Reduction;

/// <summary>Sums over all but the channels of a tensor [batch, channels, ...]: the gradient of a convolution's bias.</summary>
internal static unsafe class ChannelSum
{
    /// <summary>Sums.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="sums">One sum for each channel.</param>
    /// <param name="batch">Number of images.</param>
    /// <param name="channels">Number of channels.</param>
    /// <param name="area">Elements of one channel of one image.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; null takes the widest.</param>
    public static void Run(float* x, float* sums, nint batch, nint channels, nint area, KernelThreads threads, VectorWidth? width = null)
    {
        State state = new() { X = x, Sums = sums, Batch = batch, Channels = channels, Area = area, Pieces = new(channels, batch * area) };
        threads.For(
            state.Pieces.Count, KernelWidth.Choose(width, &Piece<Lanes16>, &Piece<Lanes8>, &Piece<Lanes4>, &Piece<Lanes1>), &state);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        (nint channel, nint end) = all.Pieces[piece];
        for (; channel < end; channel++)
            all.Sums[channel] = (float)new ChannelPlanes(all.Batch, all.Channels, all.Area, channel).Sum<T>(all.X);
    }

    private struct State
    {
        public float* X;
        public float* Sums;
        public nint Batch;
        public nint Channels;
        public nint Area;
        public Pieces Pieces;
    }
}
