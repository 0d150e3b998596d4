using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Pooling;

namespace OrtAdaMomentum.Tests.Kernels.Pooling;

public unsafe class PoolingKernelTests
{
    /// <summary>Planes, rows, columns, taps, stride, dilation, padding before, padding after; the taps along the columns are one more.</summary>
    public static TheoryData<int, int, int, int, int, int, int, int> Shapes => new()
    {
        { 0, 5, 5, 2, 2, 1, 0, 0 },
        { 1, 1, 2, 1, 1, 1, 0, 0 },
        { 3, 6, 7, 2, 2, 1, 0, 0 },
        { 2, 7, 40, 3, 2, 1, 1, 1 },
        { 2, 9, 37, 2, 1, 1, 1, 0 },
        { 4, 11, 18, 2, 3, 1, 0, 1 },
        { 2, 12, 13, 3, 1, 2, 2, 1 },
        { 1, 2, 3, 2, 2, 4, 2, 2 },
        { 70, 24, 24, 2, 2, 1, 0, 0 },
        { 5, 150, 131, 3, 2, 1, 1, 1 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Max(int planes, int rows, int columns, int taps, int stride, int dilation, int before, int after)
    {
        var pooling = Pooling(planes, rows, columns, taps, stride, dilation, before, after);
        // Windows all on padding take nothing, and max pooling is not asked for them.
        if (Enumerable.Range(0, pooling.Windows).Any(window => !pooling.Inside(window).Any()))
            return;
        float[] x = KernelRuns.Random(1, planes * pooling.Elements), gradient = KernelRuns.Random(2, planes * pooling.Windows);
        long[] places = pooling.Places(x);
        double[] expected = new double[x.Length];
        for (int window = 0; window < places.Length; window++)
            expected[places[window]] += gradient[window];
        KernelRuns.Check($"{pooling}", (_, threads) =>
        {
            float[] result = [.. Enumerable.Repeat(float.NaN, x.Length)];
            Assert.True(MaxBackward(gradient, places, result, pooling, threads));
            return [result];
        }, expected);
    }

    [Theory]
    [InlineData(0, new float[] { 0, 5, 0, 0, 0, 0, 0, 7 })]
    [InlineData(-3, new float[] { 0, 0, 0, 0, 0, 0, 0, 7 })]
    [InlineData(4, null)]
    [InlineData(long.MaxValue, null)]
    public void A_place_before_the_plane_stands_for_none_and_one_behind_it_is_a_mistake(long place, float[]? expected)
    {
        var pooling = Pooling(2, 2, 2, 1, 2, 1, 0, 0);
        float[] result = new float[8];

        bool fits = MaxBackward([5, 7], [place == 0 ? 1 : place, 7], result, pooling, KernelThreads.One);

        Assert.Equal(expected is not null, fits);
        if (expected is not null)
            Assert.Equal(expected, result);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Average(int planes, int rows, int columns, int taps, int stride, int dilation, int before, int after)
    {
        var pooling = Pooling(planes, rows, columns, taps, stride, dilation, before, after);
        float[] gradient = KernelRuns.Random(2, planes * pooling.Windows);
        foreach (bool countsPadding in (bool[])[false, true])
        {
            double[] expected = new double[planes * pooling.Elements];
            for (int index = 0; index < gradient.Length; index++)
            {
                int[] inside = [.. pooling.Inside(index % pooling.Windows)];
                foreach (int place in inside)
                {
                    expected[(index / pooling.Windows * pooling.Elements) + place] +=
                        gradient[index] / (double)(countsPadding ? taps * (taps + 1) : inside.Length);
                }
            }

            KernelRuns.Check($"{pooling}", (width, threads) =>
            {
                float[] result = [.. Enumerable.Repeat(float.NaN, expected.Length)];
                fixed (float* pg = gradient, pr = result)
                {
                    AveragePoolBackward.Run(
                        new()
                        {
                            Gradient = pg, Result = pr, Planes = planes, Rows = pooling.Rows, Columns = pooling.Columns,
                            CountsPadding = countsPadding,
                        },
                        threads,
                        width);
                }

                return [result];
            }, expected);
        }
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(3, 1)]
    [InlineData(5, 49)]
    [InlineData(1000, 51)]
    [InlineData(3, 20001)]
    public void Average_over_whole_planes(int planes, int elements)
    {
        float[] gradient = KernelRuns.Random(1, planes);
        double[] expected = [.. gradient.SelectMany(value => Enumerable.Repeat((double)value / elements, elements))];
        KernelRuns.Check($"[{planes}, {elements}]", (width, threads) =>
        {
            float[] result = new float[planes * elements];
            fixed (float* pg = gradient, pr = result)
                GlobalAveragePoolBackward.Run(pg, pr, planes, elements, threads, width);
            return [result];
        }, expected);
    }

    private static bool MaxBackward(float[] gradient, long[] places, float[] result, PoolingReference pooling, KernelThreads threads)
    {
        fixed (float* pg = gradient, pr = result)
        fixed (long* pp = places)
        {
            return MaxPoolBackward.Run(
                new() { Gradient = pg, Places = pp, Result = pr, Planes = pooling.Planes, Windows = pooling.Windows, Elements = pooling.Elements },
                threads);
        }
    }

    private static PoolingReference Pooling(int planes, int rows, int columns, int taps, int stride, int dilation, int before, int after) => new(
        planes,
        PoolingReference.Axis(rows, taps, stride, dilation, before, after),
        PoolingReference.Axis(columns, taps + 1, stride, dilation, before, after));
}
