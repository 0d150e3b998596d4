using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Elementwise;
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
    public static void Run(in Arguments arguments, KernelThreads threads, VectorWidth? width = null) =>
        Run(default(Unchanged), arguments, threads, width);

    /// <summary>Normalises, and applies an activation to the result.</summary>
    public static void Run<TActivation>(TActivation activation, in Arguments arguments, KernelThreads threads, VectorWidth? width = null)
        where TActivation : unmanaged, IElementwise
    {
        State<TActivation> state = new() { Activation = activation, Arguments = arguments };
        threads.For(
            Cut(arguments).Count,
            KernelWidth.Choose(
                width, &Piece<TActivation, Lanes16>, &Piece<TActivation, Lanes8>, &Piece<TActivation, Lanes4>, &Piece<TActivation, Lanes1>),
            &state);
    }

    private static Pieces Cut(in Arguments all) => new(all.Channels, all.Batch * all.Area);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<TActivation, T>(void* state, int piece)
        where TActivation : unmanaged, IElementwise
        where T : struct, ILanes<T>
    {
        var (activation, all) = *(State<TActivation>*)state;
        (nint channel, nint end) = Cut(all)[piece];
        if (BatchNormalizationBlock.Takes<T>(all.Batch, all.Area))
        {
            for (; channel <= end - T.Count; channel += T.Count)
                BatchNormalizationBlock.Forward<TActivation, T>(activation, all, channel);
        }

        for (; channel < end; channel++)
        {
            ChannelPlanes planes = new(all.Batch, all.Channels, all.Area, channel);
            (double mean, double variance) = planes.Moments<T>(all.X);
            float inverse = GiveStatistics(all, channel, mean, variance);
            Normalise<TActivation, T>(activation, all, planes, (float)mean, all.Scale[channel] * inverse, all.Bias[channel]);
        }
    }

    /// <summary>Writes what is wanted of the statistics of a channel; gives one over its standard deviation.</summary>
    internal static float GiveStatistics(in Arguments all, nint channel, double mean, double variance)
    {
        float inverse = (float)(1 / Math.Sqrt(variance + all.Epsilon));
        if (all.Mean != null)
            all.Mean[channel] = (float)mean;
        if (all.Inverse != null)
            all.Inverse[channel] = inverse;
        if (all.NextMean != null)
            all.NextMean[channel] = Mix(all.RunningMean[channel], mean, all.Momentum);
        if (all.NextVariance != null)
            all.NextVariance[channel] = Mix(all.RunningVariance[channel], variance, all.Momentum);
        return inverse;
    }

    private static float Mix(float before, double now, float momentum) => (float)((before * (double)momentum) + (now * (1 - (double)momentum)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalise<TActivation, T>(
        TActivation activation, in Arguments all, ChannelPlanes planes, float mean, float factor, float bias)
        where TActivation : unmanaged, IElementwise
        where T : struct, ILanes<T>
    {
        T m = T.Splat(mean), f = T.Splat(factor), b = T.Splat(bias);
        for (nint image = 0; image < planes.Batch; image++)
        {
            nint index = planes.Start(image), end = index + planes.Area;
            for (; index <= end - T.Count; index += T.Count)
            {
                T y = T.MultiplyAdd(T.Load(all.X + index) - m, f, b);
                activation.Of(y, y).Store(all.Y + index);
            }

            int rest = (int)(end - index);
            if (rest > 0)
            {
                T y = T.MultiplyAdd(T.LoadFirst(all.X + index, rest) - m, f, b);
                activation.Of(y, y).StoreFirst(all.Y + index, rest);
            }
        }
    }

    private struct State<TActivation>
        where TActivation : unmanaged
    {
        public TActivation Activation;
        public Arguments Arguments;

        public readonly void Deconstruct(out TActivation activation, out Arguments arguments) =>
            (activation, arguments) = (Activation, Arguments);
    }
}
