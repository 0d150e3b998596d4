using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Elementwise;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Kernels.Reduction;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>
/// Batch normalisation and its gradients where planes are small: as many channels as a register has lanes at once, side by side. A plane of
/// nine elements alone would fill half a register, and each channel would end in sums across lanes.
/// </summary>
internal static unsafe class BatchNormalizationBlock
{
    /// <summary>Whether a plane leaves a part of a register empty, and a lane can sum a channel in floats.</summary>
    public static bool Takes<T>(nint batch, nint area)
        where T : struct, ILanes<T> => area < T.Count && batch * area is > 0 and <= ChannelPlanes.SumLength;

    /// <summary>Normalises as many channels as there are lanes.</summary>
    /// <param name="activation">Applied to the result.</param>
    /// <param name="all">Tensors and extents.</param>
    /// <param name="channel">The first channel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<TActivation, T>(TActivation activation, in BatchNormalizationForward.Arguments all, nint channel)
        where TActivation : unmanaged, IElementwise
        where T : struct, ILanes<T>
    {
        int count = (int)(all.Batch * all.Area);
        float* block = Scratch.OfThread.Floats(((nint)count + 3) * T.Count);
        Join<T>(all.X, all.Batch, all.Channels, all.Area, channel, block);
        T mean = Sum<T>(block, count) / T.Splat(count);
        for (int index = 0; index < count; index++)
            (T.Load(block + (index * T.Count)) - mean).Store(block + (index * T.Count));
        T variance = Product<T>(block, block, count) / T.Splat(count);
        float* means = block + ((nint)count * T.Count);
        float* variances = means + T.Count;
        float* factors = variances + T.Count;
        mean.Store(means);
        variance.Store(variances);
        for (int lane = 0; lane < T.Count; lane++)
        {
            float inverse = BatchNormalizationForward.GiveStatistics(all, channel + lane, means[lane], variances[lane]);
            factors[lane] = all.Scale[channel + lane] * inverse;
        }

        T factor = T.Load(factors), bias = T.Load(all.Bias + channel);
        for (int index = 0; index < count; index++)
        {
            T y = T.MultiplyAdd(T.Load(block + (index * T.Count)), factor, bias);
            activation.Of(y, y).Store(block + (index * T.Count));
        }

        Split<T>(block, all.Batch, all.Channels, all.Area, channel, all.Y);
    }

    /// <summary>Computes the gradients of as many channels as there are lanes, with the statistics of the batch, which are given.</summary>
    /// <param name="activation">What an activation behind makes of a gradient.</param>
    /// <param name="all">Tensors and extents; the gradient of the input is wanted.</param>
    /// <param name="channel">The first channel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<TActivation, T>(TActivation activation, in BatchNormalizationBackward.Arguments all, nint channel)
        where TActivation : unmanaged, IElementwise
        where T : struct, ILanes<T>
    {
        int count = (int)(all.Batch * all.Area);
        float* block = Scratch.OfThread.Floats((2 * (nint)count * T.Count) + (2 * T.Count));
        float* gradients = block + ((nint)count * T.Count);
        Join<T>(all.X, all.Batch, all.Channels, all.Area, channel, block);
        Join<T>(all.Gradient, all.Batch, all.Channels, all.Area, channel, gradients);
        T inverse = T.Load(all.Inverse + channel);
        Passing<TActivation, T> passing = new()
        {
            Activation = activation, Mean = T.Load(all.Mean + channel), Factor = T.Load(all.Scale + channel) * inverse,
            Bias = all.Bias == null ? T.Splat(0f) : T.Load(all.Bias + channel),
        };
        for (int index = 0; index < count; index++)
        {
            T centred = T.Load(block + (index * T.Count)) - passing.Mean;
            centred.Store(block + (index * T.Count));
            passing.Of(T.Load(gradients + (index * T.Count)), centred).Store(gradients + (index * T.Count));
        }

        T sum = Sum<T>(gradients, count), product = Product<T>(gradients, block, count) * inverse;
        if (all.ScaleGradient != null)
            product.Store(all.ScaleGradient + channel);
        if (all.BiasGradient != null)
            sum.Store(all.BiasGradient + channel);
        T share = T.Splat(-1f / count) * passing.Factor, slope = share * inverse * product, constant = share * sum;
        for (int index = 0; index < count; index++)
        {
            T centred = T.Load(block + (index * T.Count)), gradient = T.Load(gradients + (index * T.Count));
            T.MultiplyAdd(gradient, passing.Factor, T.MultiplyAdd(centred, slope, constant)).Store(block + (index * T.Count));
        }

        Split<T>(block, all.Batch, all.Channels, all.Area, channel, all.XGradient);
    }

    /// <summary>The sum of each lane. Four sums go on at once, as each addition takes as long as several could be begun.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Sum<T>(float* values, int count)
        where T : struct, ILanes<T>
    {
        T a = default, b = default, c = default, d = default;
        int index = 0;
        for (; index <= count - 4; index += 4, values += 4 * T.Count)
        {
            a += T.Load(values);
            b += T.Load(values + T.Count);
            c += T.Load(values + (2 * T.Count));
            d += T.Load(values + (3 * T.Count));
        }

        for (; index < count; index++, values += T.Count)
            a += T.Load(values);
        return a + b + (c + d);
    }

    /// <summary>The sum of products of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T Product<T>(float* left, float* right, int count)
        where T : struct, ILanes<T>
    {
        T a = default, b = default, c = default, d = default;
        int index = 0;
        for (; index <= count - 4; index += 4, left += 4 * T.Count, right += 4 * T.Count)
        {
            a = T.MultiplyAdd(T.Load(left), T.Load(right), a);
            b = T.MultiplyAdd(T.Load(left + T.Count), T.Load(right + T.Count), b);
            c = T.MultiplyAdd(T.Load(left + (2 * T.Count)), T.Load(right + (2 * T.Count)), c);
            d = T.MultiplyAdd(T.Load(left + (3 * T.Count)), T.Load(right + (3 * T.Count)), d);
        }

        for (; index < count; index++, left += T.Count, right += T.Count)
            a = T.MultiplyAdd(T.Load(left), T.Load(right), a);
        return a + b + (c + d);
    }

    private static void Join<T>(float* from, nint batch, nint channels, nint area, nint channel, float* block)
        where T : struct, ILanes<T>
    {
        for (nint image = 0; image < batch; image++, block += area * T.Count)
            LaneTranspose.Join<T>(from + (((image * channels) + channel) * area), area, T.Count, (int)area, block, T.Count);
    }

    private static void Split<T>(float* block, nint batch, nint channels, nint area, nint channel, float* to)
        where T : struct, ILanes<T>
    {
        for (nint image = 0; image < batch; image++, block += area * T.Count)
            LaneTranspose.Split<T>(block, (int)area, T.Count, to + (((image * channels) + channel) * area), area);
    }
}
