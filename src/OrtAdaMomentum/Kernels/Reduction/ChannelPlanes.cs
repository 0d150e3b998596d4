using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Reduction;

/// <summary>Where one channel of a tensor [batch, channels, ...] lies: a plane in each image.</summary>
internal readonly unsafe struct ChannelPlanes(nint batch, nint channels, nint area, nint channel)
{
    /// <summary>About how many floats are summed as floats before the sum goes on in double.</summary>
    public const int SumLength = 512;

    private readonly nint _stride = channels * area;
    private readonly nint _first = channel * area;

    public nint Batch { get; } = batch;

    /// <summary>Elements of a plane.</summary>
    public nint Area { get; } = area;

    /// <summary>First element of the channel in that image.</summary>
    public nint Start(nint image) => _first + (image * _stride);

    /// <summary>Mean and population variance, the variance from centred values.</summary>
    public (double Mean, double Variance) Moments<T>(float* x)
        where T : struct, ILanes<T>
    {
        double count = (double)Batch * Area;
        double mean = Sum<T>(x) / count;
        return (mean, Squares<T>(x, (float)mean) / count);
    }

    /// <summary>The sum of the channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Sum<T>(float* x)
        where T : struct, ILanes<T>
    {
        double sum = 0;
        nint pending = 0;
        T even = default, odd = default;
        for (nint image = 0; image < Batch; image++)
        {
            nint index = Start(image), stop = index + Area;
            while (index < stop)
            {
                nint end = Math.Min(stop, index + SumLength);
                pending += end - index;
                for (; index <= end - (2 * T.Count); index += 2 * T.Count)
                {
                    even += T.Load(x + index);
                    odd += T.Load(x + index + T.Count);
                }

                for (; index < end; index += T.Count)
                    even += T.LoadFirst(x + index, (int)Math.Min(T.Count, end - index));
                index = end;
                if (pending >= SumLength)
                {
                    sum += (even + odd).Sum();
                    even = odd = default;
                    pending = 0;
                }
            }
        }

        return sum + (even + odd).Sum();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Squares<T>(float* x, float mean)
        where T : struct, ILanes<T>
    {
        double sum = 0;
        nint pending = 0;
        T centre = T.Splat(mean), even = default, odd = default;
        float* means = stackalloc float[Lanes16.Count];
        new Span<float>(means, Lanes16.Count).Fill(mean);
        for (nint image = 0; image < Batch; image++)
        {
            nint index = Start(image), stop = index + Area;
            while (index < stop)
            {
                nint end = Math.Min(stop, index + SumLength);
                pending += end - index;
                for (; index <= end - (2 * T.Count); index += 2 * T.Count)
                {
                    T a = T.Load(x + index) - centre, b = T.Load(x + index + T.Count) - centre;
                    even = T.MultiplyAdd(a, a, even);
                    odd = T.MultiplyAdd(b, b, odd);
                }

                for (; index < end; index += T.Count)
                {
                    int count = (int)Math.Min(T.Count, end - index);
                    T rest = T.LoadFirst(x + index, count) - T.LoadFirst(means, count);
                    odd = T.MultiplyAdd(rest, rest, odd);
                }

                index = end;
                if (pending >= SumLength)
                {
                    sum += (even + odd).Sum();
                    even = odd = default;
                    pending = 0;
                }
            }
        }

        return sum + (even + odd).Sum();
    }
}
