using OrtAdaMomentum.Kernels.Reduction;

namespace OrtAdaMomentum.Tests.Kernels;

public unsafe class SumKernelTests
{
    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 1)]
    [InlineData(3, 129)]
    [InlineData(64, 10)]
    [InlineData(65, 7)]
    [InlineData(200, 1000)]
    [InlineData(1000, 300)]
    public void Columns(int rows, int columns)
    {
        float[] x = KernelRuns.Random(1, rows * columns, 0.3f);
        double[] expected = new double[columns];
        for (int i = 0; i < x.Length; i++)
            expected[i % columns] += x[i];
        KernelRuns.Check($"[{rows}, {columns}]", (width, threads) =>
        {
            float[] sums = [.. Enumerable.Repeat(float.NaN, columns)];
            fixed (float* px = x, ps = sums)
                ColumnSum.Run(px, ps, rows, columns, threads, width);
            return [sums];
        }, expected);
    }

    [Theory]
    [InlineData(0, 3, 4)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 3, 49)]
    [InlineData(5, 70, 300)]
    [InlineData(1, 2, 20001)]
    public void Channels(int batch, int channels, int area)
    {
        float[] x = KernelRuns.Random(1, batch * channels * area, 0.3f);
        double[] expected = new double[channels];
        for (int i = 0; i < x.Length; i++)
            expected[i / area % channels] += x[i];
        KernelRuns.Check($"[{batch}, {channels}, {area}]", (width, threads) =>
        {
            float[] sums = [.. Enumerable.Repeat(float.NaN, channels)];
            fixed (float* px = x, ps = sums)
                ChannelSum.Run(px, ps, batch, channels, area, threads, width);
            return [sums];
        }, expected);
    }
}
