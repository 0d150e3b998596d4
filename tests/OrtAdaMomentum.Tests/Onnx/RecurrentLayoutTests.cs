using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Recurrent layers of every version and layout end as layers that ONNX Runtime runs.</summary>
public class RecurrentLayoutTests
{
    private const int Time = 4, Batch = 3, Input = 2, Hidden = 2;

    [Theory]
    [InlineData("LSTM", 4)]
    [InlineData("GRU", 3)]
    [InlineData("RNN", 1)]
    public void Batch_first_computes_what_time_first_does_in_another_order(string operatorType, int gates)
    {
        // ONNX Runtime itself does not run the layout, so the same layer with time first is the reference.
        ModelProto batchFirst = Layer(14, operatorType, gates, [Batch, Time, Input], [Batch, 2, Hidden], ("layout", 1L));
        ModelProto timeFirst = Layer(14, operatorType, gates, [Time, Batch, Input], [2, Batch, Hidden]);
        float[] x = OrtRun.Random(Time * Batch * Input, 1), h = OrtRun.Random(2 * Batch * Hidden, 2);

        ModelProto normal = ModelNormalizer.Normalize(batchFirst, new NormalizeOptions { FreeBatch = false });
        var actual = OrtRun.Run(normal, ("x", x, [Batch, Time, Input]), ("h", h, [Batch, 2, Hidden]));
        var expected = OrtRun.Run(
            timeFirst, ("x", Exchanged(x, Batch, Time), [Time, Batch, Input]), ("h", Exchanged(h, Batch, 2), [2, Batch, Hidden]));

        Assert.Equal([Batch, Time, 2, Hidden], actual["y"].Shape);
        Assert.Equal([Batch, 2, Hidden], actual["last"].Shape);
        Assert.Equal(Exchanged(expected["last"].Floats, 2, Batch), actual["last"].Floats);
        for (int time = 0; time < Time; time++)
        {
            for (int batch = 0; batch < Batch; batch++)
            {
                for (int direction = 0; direction < 2; direction++)
                {
                    Assert.Equal(
                        expected["y"].Floats[((time * 2 + direction) * Batch + batch) * Hidden],
                        actual["y"].Floats[((batch * Time + time) * 2 + direction) * Hidden]);
                }
            }
        }
    }

    [Theory]
    [InlineData("LSTM", 4, 7)]
    [InlineData("LSTM", 4, 22)]
    [InlineData("GRU", 3, 7)]
    [InlineData("GRU", 3, 22)]
    [InlineData("RNN", 1, 7)]
    [InlineData("RNN", 1, 22)]
    public void Other_versions_compute_the_same_afterwards(string operatorType, int gates, long opset)
    {
        ModelProto model = Layer(opset, operatorType, gates, [Time, Batch, Input], [2, Batch, Hidden]);
        (string, Array, long[])[] feeds =
        [
            ("x", OrtRun.Random(Time * Batch * Input, 1), [Time, Batch, Input]), ("h", OrtRun.Random(2 * Batch * Hidden, 2), [2, Batch, Hidden]),
        ];
        var expected = OrtRun.Run(model, feeds);
        var actual = OrtRun.Run(ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false }), feeds);
        OrtRun.AssertClose(expected["y"], actual["y"]);
        OrtRun.AssertClose(expected["last"], actual["last"]);
    }

    private static ModelProto Layer(
        long opset, string operatorType, int gates, long[] x, long[] h, params (string, object)[] attributes) =>
        new ModelBuilder(opset).Input("x", ElementType.Float, x).Input("h", ElementType.Float, h)
            .Initializer("w", OrtRun.Random(2 * gates * Hidden * Input, 3), 2, gates * Hidden, Input)
            .Initializer("r", OrtRun.Random(2 * gates * Hidden * Hidden, 4), 2, gates * Hidden, Hidden)
            .Node(operatorType, ["x", "w", "r", "", "", "h"], ["y", "last"],
                [("hidden_size", (long)Hidden), ("direction", "bidirectional"), .. attributes])
            .Output("y", "last").Build();

    /// <summary>The first two axes exchanged; the last holds two elements.</summary>
    private static float[] Exchanged(float[] values, int rows, int columns)
    {
        var result = new float[values.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                values.AsSpan((row * columns + column) * 2, 2).CopyTo(result.AsSpan((column * rows + row) * 2));
        }

        return result;
    }
}
