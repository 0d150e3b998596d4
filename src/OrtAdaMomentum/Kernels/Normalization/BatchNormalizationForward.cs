using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Reduction;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>
/// Batch normalisation over [batch, channels, ...] with the statistics of the batch, which it also gives, as ONNX BatchNormalization with
/// training_mode does not.
/// </summary>
internal static unsafe class BatchNormalizationForward
{
    /// <summary>Tensors and extents.</summary>
    internal struct Arguments
    {
        public required float* X;

        /// <summary>One factor for each channel.</summary>
        public required float* Scale;

        public required float* Bias;

        /// <summary>Result; may be <see cref="X"/>.</summary>
        public required float* Y;

        /// <summary>Mean of each channel in the batch; null when not wanted.</summary>
        public float* Mean;

        /// <summary>One over the standard deviation of each channel in the batch; null when not wanted.</summary>
        public float* Inverse;

        /// <summary>Running mean so far; read where <see cref="NextMean"/> is wanted.</summary>
        public float* RunningMean;

        /// <summary>Running variance so far; read where <see cref="NextVariance"/> is wanted.</summary>
        public float* RunningVariance;

        /// <summary>Running mean with this batch in it; may be <see cref="RunningMean"/>; null when not wanted.</summary>
        public float* NextMean;

        /// <summary>Running population variance with this batch in it; may be <see cref="RunningVariance"/>; null when not wanted.</summary>
        public float* NextVariance;

        /// <summary>Share of the running statistics that stays.</summary>
        public float Momentum;

        /// <summary>Added to a variance.</summary>
        public required float Epsilon;

        public required nint Batch;

        public required nint Channels;

        /// <summary>Elements of one channel of one image.</summary>
        public required nint Area;
    }

    /// <summary>Normalises.</summary>
    public static void Run(in Arguments arguments, KernelThreads threads, VectorWidth? width = null)
    {
        fixed (Arguments* state = &arguments)
        {
            threads.For(
                Cut(arguments).Count,
                KernelWidth.Choose(width, &Piece<Lanes16>, &Piece<Lanes8>, &Piece<Lanes4>, &Piece<Lanes1>),
                state);
        }
    }

    private static Pieces Cut(in Arguments all) => new(all.Channels, all.Batch * all.Area);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Arguments all = *(Arguments*)state;
        (nint channel, nint end) = Cut(all)[piece];
        for (; channel < end; channel++)
        {
            ChannelPlanes planes = new(all.Batch, all.Channels, all.Area, channel);
            (double mean, double variance) = planes.Moments<T>(all.X);
            float inverse = (float)(1 / Math.Sqrt(variance + all.Epsilon));
            Normalise<T>(all, planes, (float)mean, all.Scale[channel] * inverse, all.Bias[channel]);
            if (all.Mean != null)
                all.Mean[channel] = (float)mean;
            if (all.Inverse != null)
                all.Inverse[channel] = inverse;
            if (all.NextMean != null)
                all.NextMean[channel] = Mix(all.RunningMean[channel], mean, all.Momentum);
            if (all.NextVariance != null)
                all.NextVariance[channel] = Mix(all.RunningVariance[channel], variance, all.Momentum);
        }
    }

    private static float Mix(float before, double now, float momentum) => (float)((before * (double)momentum) + (now * (1 - (double)momentum)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalise<T>(in Arguments all, ChannelPlanes planes, float mean, float factor, float bias)
        where T : struct, ILanes<T>
    {
        T m = T.Splat(mean), f = T.Splat(factor), b = T.Splat(bias);
        for (nint image = 0; image < planes.Batch; image++)
        {
            nint index = planes.Start(image), end = index + planes.Area;
            for (; index <= end - T.Count; index += T.Count)
                T.MultiplyAdd(T.Load(all.X + index) - m, f, b).Store(all.Y + index);
            int rest = (int)(end - index);
            if (rest > 0)
                T.MultiplyAdd(T.LoadFirst(all.X + index, rest) - m, f, b).StoreFirst(all.Y + index, rest);
        }
    }
}
