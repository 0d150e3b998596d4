using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Pooling;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Simd;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Kernels.Pooling;

/// <summary>ONNX Runtime's own operator is the reference: the same numbers from the same places.</summary>
public unsafe class MaxPoolForwardTests
{
    private static readonly float[] _special = [float.NaN, float.NegativeInfinity, float.PositiveInfinity, float.MinValue, -0f, 0f];

    /// <summary>Images, channels, rows, columns, taps, stride, dilation, padding before, padding after; the taps along the columns are one more.</summary>
    public static TheoryData<int, int, int, int, int, int, int, int, int> Shapes => new()
    {
        { 0, 2, 5, 5, 2, 2, 1, 0, 0 },
        { 1, 1, 1, 2, 1, 1, 1, 0, 0 },
        { 1, 3, 6, 7, 2, 2, 1, 0, 0 },
        { 2, 1, 7, 40, 3, 2, 1, 1, 1 },
        { 1, 2, 9, 37, 2, 1, 1, 1, 0 },
        { 2, 2, 11, 70, 2, 3, 1, 0, 1 },
        { 1, 2, 12, 13, 3, 1, 2, 2, 1 },
        { 1, 1, 3, 4, 2, 2, 2, 1, 1 },
        { 1, 2, 2, 5, 2, 1, 3, 1, 1 },
        { 1, 2, 15, 11, 4, 5, 3, 3, 2 },
        { 7, 10, 24, 24, 2, 2, 1, 0, 0 },
        { 1, 5, 150, 131, 3, 2, 1, 1, 1 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Greatest_elements_and_their_places(
        int images, int channels, int rows, int columns, int taps, int stride, int dilation, int before, int after) =>
        Compare(images, channels, rows, columns, (taps, taps + 1), stride, dilation, before, after);

    [Theory]
    [InlineData(0, 2, 4, 4)]
    [InlineData(2, 3, 2, 2)]
    [InlineData(1, 2, 5, 7)]
    [InlineData(3, 2, 10, 10)]
    [InlineData(2, 6, 28, 28)]
    [InlineData(1, 3, 6, 33)]
    [InlineData(2, 1, 3, 64)]
    [InlineData(1, 2, 70, 131)]
    public void Greatest_elements_of_pairs_and_their_places(int images, int channels, int rows, int columns)
    {
        var (vertical, horizontal) = (PoolingReference.Axis(rows, 2, 2, 1, 0, 0), PoolingReference.Axis(columns, 2, 2, 1, 0, 0));
        Assert.True(MaxPoolPairs.Takes(new() { Rows = vertical, Columns = horizontal }));
        Compare(images, channels, rows, columns, (2, 2), stride: 2, dilation: 1, before: 0, after: 0);
    }

    private static void Compare(
        int images, int channels, int rows, int columns, (int Rows, int Columns) taps, int stride, int dilation, int before, int after)
    {
        // Few different numbers, so that many windows have equal ones.
        Check(Random(images * channels * rows * columns, static random => random.Next(-3, 3)));
        Check(Random(images * channels * rows * columns, static random => random.NextSingle() - 0.5f));
        Check(Random(images * channels * rows * columns, static random => _special[random.Next(_special.Length)]));

        void Check(float[] x)
        {
            var pooling = new PoolingReference(
                images * channels,
                PoolingReference.Axis(rows, taps.Rows, stride, dilation, before, after),
                PoolingReference.Axis(columns, taps.Columns, stride, dilation, before, after));
            using var session = Open(
                x, [images, channels, rows, columns],
                ("kernel_shape", new long[] { taps.Rows, taps.Columns }), ("strides", new long[] { stride, stride }),
                ("dilations", new long[] { dilation, dilation }), ("pads", new long[] { before, before, after, after }));
            var expected = session.Run();
            foreach (var width in Enum.GetValues<VectorWidth>())
            {
                foreach (var threads in (KernelThreads[])[KernelThreads.One, KernelRuns.Several])
                {
                    var (output, places) = Run(x, pooling, threads, width);
                    Assert.Equal(expected["y"].Floats, output);
                    Assert.Equal(expected["places"].Longs, places);
                }
            }
        }
    }

    private static (float[] Output, long[] Places) Run(float[] x, PoolingReference pooling, KernelThreads threads, VectorWidth width)
    {
        float[] output = new float[pooling.Planes * pooling.Windows];
        long[] places = new long[output.Length];
        fixed (float* px = x, po = output)
        fixed (long* pp = places)
        {
            MaxPoolForward.Run(
                new() { Input = px, Output = po, Places = pp, Planes = pooling.Planes, Rows = pooling.Rows, Columns = pooling.Columns },
                threads,
                width);
        }

        return (output, places);
    }

    private static CaseSession Open(float[] x, long[] shape, params (string Name, object Value)[] attributes) => CaseSession.Open(
        new ModelBuilder().Input("x", ElementType.Float, shape).Node("MaxPool", ["x"], ["y", "places"], attributes).Output("y", "places").Build(),
        new Dictionary<string, (Array Data, long[] Shape)> { ["x"] = (x, shape) },
        optimize: true);

    private static float[] Random(int count, Func<Random, float> next)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(_ => next(random))];
    }
}
