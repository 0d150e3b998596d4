using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Elementwise;
using OrtAdaMomentum.Kernels.Reduction;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>
/// Gradients of batch normalisation over [batch, channels, ...]: one pass over a channel for its sums, one for the gradient of the input
/// while the channel is in the cache.
/// </summary>
internal static unsafe class BatchNormalizationBackward
{
    /// <summary>Tensors and extents.</summary>
    internal struct Arguments
    {
        /// <summary>Input of the normalisation.</summary>
        public required float* X;

        /// <summary>Gradient of its output.</summary>
        public required float* Gradient;

        /// <summary>One factor for each channel.</summary>
        public required float* Scale;

        /// <summary>One summand for each channel, read where an activation follows.</summary>
        public float* Bias;

        /// <summary>The mean of each channel; null computes it from the input.</summary>
        public float* Mean;

        /// <summary>One over the standard deviation of each channel; null computes it from the input, or from <see cref="Variance"/>.</summary>
        public float* Inverse;

        /// <summary>The given variance of each channel, read where <see cref="Inverse"/> is null and statistics are frozen.</summary>
        public float* Variance;

        /// <summary>Added to a variance.</summary>
        public float Epsilon;

        /// <summary>Whether the statistics are given numbers, and not those of this batch, through which the gradient flows too.</summary>
        public bool Frozen;

        /// <summary>Gradient of the input; may be <see cref="Gradient"/> or <see cref="X"/>; null when not wanted.</summary>
        public float* XGradient;

        /// <summary>Gradient of the scale; null when not wanted.</summary>
        public float* ScaleGradient;

        /// <summary>Gradient of the bias; null when not wanted.</summary>
        public float* BiasGradient;

        public required nint Batch;

        public required nint Channels;

        /// <summary>Elements of one channel of one image.</summary>
        public required nint Area;
    }

    /// <summary>Computes the gradients.</summary>
    public static void Run(in Arguments arguments, KernelThreads threads, VectorWidth? width = null) =>
        Run(default(Unchanged), arguments, threads, width);

    /// <summary>Computes the gradients from that of an activation behind the normalisation.</summary>
    /// <param name="activation">
    /// What it makes of a gradient, given its input: the output of the normalisation, with the statistics of the batch, is computed again.
    /// </param>
    /// <param name="arguments">Tensors and extents.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
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
        State<TActivation> all = *(State<TActivation>*)state;
        Arguments arguments = all.Arguments;
        (nint channel, nint end) = Cut(arguments)[piece];
        bool given = !arguments.Frozen && arguments.Mean != null && arguments.Inverse != null && arguments.XGradient != null;
        if (given && BatchNormalizationBlock.Takes<T>(arguments.Batch, arguments.Area))
        {
            for (; channel <= end - T.Count; channel += T.Count)
                BatchNormalizationBlock.Backward<TActivation, T>(all.Activation, arguments, channel);
        }

        for (; channel < end; channel++)
            Channel<TActivation, T>(all, channel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Channel<TActivation, T>(in State<TActivation> state, nint channel)
        where TActivation : unmanaged, IElementwise
        where T : struct, ILanes<T>
    {
        Arguments all = state.Arguments;
        ChannelPlanes planes = new(all.Batch, all.Channels, all.Area, channel);
        (float mean, float inverse) = Statistics<T>(all, planes, channel);
        Passing<TActivation, T> passing = new()
        {
            Activation = state.Activation, Mean = T.Splat(mean), Factor = T.Splat(all.Scale[channel] * inverse),
            Bias = T.Splat(all.Bias == null ? 0f : all.Bias[channel]),
        };
        (double sum, double product) = Sums(all, planes, passing);
        if (all.ScaleGradient != null)
            all.ScaleGradient[channel] = (float)(product * inverse);
        if (all.BiasGradient != null)
            all.BiasGradient[channel] = (float)sum;
        if (all.XGradient == null)
            return;

        float factor = all.Scale[channel] * inverse;
        double count = (double)all.Batch * all.Area;
        if (all.Frozen)
            SpreadFrozen<T>(all, planes, factor);
        else
            Spread(all, planes, passing, (float)(-factor * (double)inverse * inverse * product / count), (float)(-factor * sum / count));
    }

    private static (float Mean, float Inverse) Statistics<T>(in Arguments all, ChannelPlanes planes, nint channel)
        where T : struct, ILanes<T>
    {
        if (all.Frozen)
        {
            float given = all.Inverse != null ? all.Inverse[channel] : (float)(1 / Math.Sqrt((double)all.Variance[channel] + all.Epsilon));
            return (all.Mean[channel], given);
        }

        if (all.Mean != null && all.Inverse != null)
            return (all.Mean[channel], all.Inverse[channel]);
        (double mean, double variance) = planes.Moments<T>(all.X);
        return ((float)mean, (float)(1 / Math.Sqrt(variance + all.Epsilon)));
    }

    /// <summary>Σ g and Σ g (x - mean).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Sum, double Product) Sums<TActivation, T>(in Arguments all, ChannelPlanes planes, in Passing<TActivation, T> passing)
        where TActivation : unmanaged, IElementwise
        where T : struct, ILanes<T>
    {
        double sum = 0, product = 0;
        nint pending = 0;
        T centre = passing.Mean, evenSum = default, oddSum = default, evenProduct = default, oddProduct = default;
        for (nint image = 0; image < planes.Batch; image++)
        {
            nint index = planes.Start(image), stop = index + planes.Area;
            while (index < stop)
            {
                nint end = Math.Min(stop, index + ChannelPlanes.SumLength);
                pending += end - index;
                for (; index <= end - (2 * T.Count); index += 2 * T.Count)
                {
                    T evenX = T.Load(all.X + index) - centre, oddX = T.Load(all.X + index + T.Count) - centre;
                    T even = passing.Of(T.Load(all.Gradient + index), evenX), odd = passing.Of(T.Load(all.Gradient + index + T.Count), oddX);
                    evenSum += even;
                    oddSum += odd;
                    evenProduct = T.MultiplyAdd(even, evenX, evenProduct);
                    oddProduct = T.MultiplyAdd(odd, oddX, oddProduct);
                }

                for (; index < end; index += T.Count)
                {
                    int count = (int)Math.Min(T.Count, end - index);
                    T x = T.LoadFirst(all.X + index, count) - centre, rest = passing.Of(T.LoadFirst(all.Gradient + index, count), x);
                    evenSum += rest;
                    evenProduct = T.MultiplyAdd(rest, x, evenProduct);
                }

                index = end;
                if (pending >= ChannelPlanes.SumLength)
                {
                    sum += (evenSum + oddSum).Sum();
                    product += (evenProduct + oddProduct).Sum();
                    evenSum = oddSum = evenProduct = oddProduct = default;
                    pending = 0;
                }
            }
        }

        return (sum + (evenSum + oddSum).Sum(), product + (evenProduct + oddProduct).Sum());
    }

    /// <summary>The gradient of the input: g factor + (x - mean) slope + constant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread<TActivation, T>(
        in Arguments all, ChannelPlanes planes, in Passing<TActivation, T> passing, float slope, float constant)
        where TActivation : unmanaged, IElementwise
        where T : struct, ILanes<T>
    {
        T m = passing.Mean, f = passing.Factor, s = T.Splat(slope), c = T.Splat(constant);
        for (nint image = 0; image < planes.Batch; image++)
        {
            nint index = planes.Start(image), end = index + planes.Area;
            for (; index <= end - T.Count; index += T.Count)
            {
                T x = T.Load(all.X + index) - m;
                T.MultiplyAdd(passing.Of(T.Load(all.Gradient + index), x), f, T.MultiplyAdd(x, s, c)).Store(all.XGradient + index);
            }

            int rest = (int)(end - index);
            if (rest > 0)
            {
                T x = T.LoadFirst(all.X + index, rest) - m, g = passing.Of(T.LoadFirst(all.Gradient + index, rest), x);
                T.MultiplyAdd(g, f, T.MultiplyAdd(x, s, c)).StoreFirst(all.XGradient + index, rest);
            }
        }
    }

    /// <summary>The gradient of the input where no gradient flows through the statistics: g factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SpreadFrozen<T>(in Arguments all, ChannelPlanes planes, float factor)
        where T : struct, ILanes<T>
    {
        T f = T.Splat(factor);
        for (nint image = 0; image < planes.Batch; image++)
        {
            nint index = planes.Start(image), end = index + planes.Area;
            for (; index <= end - T.Count; index += T.Count)
                (T.Load(all.Gradient + index) * f).Store(all.XGradient + index);
            int rest = (int)(end - index);
            if (rest > 0)
                (T.LoadFirst(all.Gradient + index, rest) * f).StoreFirst(all.XGradient + index, rest);
        }
    }

    private struct State<TActivation>
        where TActivation : unmanaged
    {
        public TActivation Activation;
        public Arguments Arguments;
    }
}
