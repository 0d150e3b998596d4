using System.Runtime.CompilerServices;
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

        /// <summary>Null, or the output of the Relu that follows: the gradient counts where this is positive.</summary>
        public float* Positive;

        /// <summary>One factor for each channel.</summary>
        public required float* Scale;

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

        /// <summary>Gradient of the input; may be <see cref="Gradient"/>; null when not wanted.</summary>
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
            Channel<T>(all, channel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Channel<T>(in Arguments all, nint channel)
        where T : struct, ILanes<T>
    {
        ChannelPlanes planes = new(all.Batch, all.Channels, all.Area, channel);
        (float mean, float inverse) = Statistics<T>(all, planes, channel);
        (double sum, double product) = Sums<T>(all, planes, mean);
        if (all.ScaleGradient != null)
            all.ScaleGradient[channel] = (float)(product * inverse);
        if (all.BiasGradient != null)
            all.BiasGradient[channel] = (float)sum;
        if (all.XGradient == null)
            return;

        float factor = all.Scale[channel] * inverse;
        double count = (double)all.Batch * all.Area;
        if (all.Frozen)
            Spread<T>(all, planes, mean, factor, 0f, 0f);
        else
            Spread<T>(all, planes, mean, factor, (float)(-factor * (double)inverse * inverse * product / count), (float)(-factor * sum / count));
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
    private static (double Sum, double Product) Sums<T>(in Arguments all, ChannelPlanes planes, float mean)
        where T : struct, ILanes<T>
    {
        double sum = 0, product = 0;
        nint pending = 0;
        T centre = T.Splat(mean), evenSum = default, oddSum = default, evenProduct = default, oddProduct = default;
        for (nint image = 0; image < planes.Batch; image++)
        {
            nint index = planes.Start(image), stop = index + planes.Area;
            while (index < stop)
            {
                nint end = Math.Min(stop, index + ChannelPlanes.SumLength);
                pending += end - index;
                for (; index <= end - (2 * T.Count); index += 2 * T.Count)
                {
                    T even = Gradient<T>(all, index), odd = Gradient<T>(all, index + T.Count);
                    evenSum += even;
                    oddSum += odd;
                    evenProduct = T.MultiplyAdd(even, T.Load(all.X + index) - centre, evenProduct);
                    oddProduct = T.MultiplyAdd(odd, T.Load(all.X + index + T.Count) - centre, oddProduct);
                }

                for (; index < end; index += T.Count)
                {
                    int count = (int)Math.Min(T.Count, end - index);
                    T rest = Gradient<T>(all, index, count);
                    evenSum += rest;
                    evenProduct = T.MultiplyAdd(rest, T.LoadFirst(all.X + index, count) - centre, evenProduct);
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
    private static void Spread<T>(in Arguments all, ChannelPlanes planes, float mean, float factor, float slope, float constant)
        where T : struct, ILanes<T>
    {
        T m = T.Splat(mean), f = T.Splat(factor), s = T.Splat(slope), c = T.Splat(constant);
        for (nint image = 0; image < planes.Batch; image++)
        {
            nint index = planes.Start(image), end = index + planes.Area;
            if (all.Frozen)
            {
                for (; index <= end - T.Count; index += T.Count)
                    (Gradient<T>(all, index) * f).Store(all.XGradient + index);
                int rest = (int)(end - index);
                if (rest > 0)
                    (Gradient<T>(all, index, rest) * f).StoreFirst(all.XGradient + index, rest);
            }
            else
            {
                for (; index <= end - T.Count; index += T.Count)
                    T.MultiplyAdd(Gradient<T>(all, index), f, T.MultiplyAdd(T.Load(all.X + index) - m, s, c)).Store(all.XGradient + index);
                int rest = (int)(end - index);
                if (rest > 0)
                {
                    T x = T.LoadFirst(all.X + index, rest);
                    T.MultiplyAdd(Gradient<T>(all, index, rest), f, T.MultiplyAdd(x - m, s, c)).StoreFirst(all.XGradient + index, rest);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Gradient<T>(in Arguments all, nint index)
        where T : struct, ILanes<T>
    {
        T gradient = T.Load(all.Gradient + index);
        return all.Positive == null ? gradient : T.WhereGreater(T.Load(all.Positive + index), default, gradient, default);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Gradient<T>(in Arguments all, nint index, int count)
        where T : struct, ILanes<T>
    {
        T gradient = T.LoadFirst(all.Gradient + index, count);
        return all.Positive == null ? gradient : T.WhereGreater(T.LoadFirst(all.Positive + index, count), default, gradient, default);
    }
}
