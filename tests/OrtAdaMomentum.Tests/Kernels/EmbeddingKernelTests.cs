using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Kernels.Shaping;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Kernels;

public unsafe class EmbeddingKernelTests
{
    [Theory]
    [InlineData(0, 4, 3)]
    [InlineData(5, 1, 1)]
    [InlineData(7, 3, 17)]
    [InlineData(40, 9, 64)]
    [InlineData(300, 50, 200)]
    [InlineData(100, 1000, 130)]
    public void Rows_are_added_where_they_were_looked_up(int count, int rows, int columns)
    {
        float[] gradient = KernelRuns.Random(1, count * columns);
        Random random = new(2);
        long[] indices = [.. Enumerable.Range(0, count).Select(_ => random.NextInt64(-rows, rows))];
        double[] expected = new double[rows * columns];
        for (int element = 0; element < gradient.Length; element++)
            expected[((indices[element / columns] + rows) % rows * columns) + (element % columns)] += gradient[element];
        KernelRuns.Check($"{count} of [{rows}, {columns}]", (width, threads) =>
        {
            float[] result = [.. Enumerable.Repeat(float.NaN, rows * columns)];
            fixed (float* pg = gradient, pr = result)
            fixed (long* pi = indices)
            {
                EmbeddingBackward.Run(
                    new() { Gradient = pg, Indices = pi, Result = pr, Count = count, Rows = rows, Columns = columns }, threads, width);
            }

            return [result];
        }, expected);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-5)]
    [InlineData(long.MinValue)]
    public void An_index_outside_of_the_table_is_named(long index)
    {
        using var session = Open([0, index], 2);

        var problem = Assert.Throws<OnnxRuntimeException>(() => session.Run());

        Assert.Contains($"index {index} is outside of a table of 4 rows", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gradient_without_a_row_for_each_index_is_refused()
    {
        using var session = Open([0, 1, 2], 2);

        Assert.Throws<OnnxRuntimeException>(() => session.Run());
    }

    private static CaseSession Open(long[] indices, int gradients)
    {
        var model = new ModelBuilder()
            .Opset(OnnxDomains.Kernels, 1)
            .Input("g", ElementType.Float, gradients, 3)
            .Input("indices", ElementType.Int64, indices.Length)
            .Node(OnnxDomains.Kernels, "EmbeddingBackward", ["g", "indices"], ["table"], ("shape", new long[] { 4, 3 }))
            .Output("table", TensorType.Of(ElementType.Float, 4, 3))
            .Build();
        return CaseSession.Open(
            model,
            new Dictionary<string, (Array Data, long[] Shape)>
            {
                ["g"] = (KernelRuns.Random(1, gradients * 3), [gradients, 3]),
                ["indices"] = (indices, [indices.Length]),
            },
            optimize: true);
    }
}
