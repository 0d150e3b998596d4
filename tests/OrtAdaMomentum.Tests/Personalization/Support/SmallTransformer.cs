using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>One block of attention over tokens 0 to 7, sequence length and batch open, with a mask of 1 for tokens and 0 behind them. It knows nothing.</summary>
internal static class SmallTransformer
{
    private const int Tokens = 8;
    private const int Width = 6;

    /// <param name="tags">Whether each token is given one of two classes, otherwise the whole sequence.</param>
    public static byte[] Model(bool tags)
    {
        Dimension batch = Dimension.Named("batch"), sequence = Dimension.Named("sequence");
        var model = new ModelBuilder()
            .Input("ids", new TensorType(ElementType.Int64, [batch, sequence]))
            .Input("mask", new TensorType(ElementType.Float, [batch, sequence]))
            .Initializer("tokens", Small(Tokens * Width, 1), Tokens, Width)
            .Initializer("query", Small(Width * Width, 2), Width, Width)
            .Initializer("key", Small(Width * Width, 3), Width, Width)
            .Initializer("value", Small(Width * Width, 4), Width, Width)
            .Initializer("head", Small(Width * 2, 5), Width, 2)
            .Initializer("one", [1f])
            .Initializer("far", [10_000f])
            .Initializer("second", [1L], 1)
            .Initializer("last", [2L], 1)
            .Node("Gather", ["tokens", "ids"], ["embedded"])
            .Node("MatMul", ["embedded", "query"], ["queries"])
            .Node("MatMul", ["embedded", "key"], ["keys"])
            .Node("MatMul", ["embedded", "value"], ["values"])
            .Node("Transpose", ["keys"], ["columns"], ("perm", new long[] { 0, 2, 1 }))
            .Node("MatMul", ["queries", "columns"], ["products"])
            .Node("Unsqueeze", ["mask", "second"], ["row"])
            .Node("Sub", ["row", "one"], ["outside"])
            .Node("Mul", ["outside", "far"], ["unseen"])
            .Node("Add", ["products", "unseen"], ["scores"])
            .Node("Softmax", ["scores"], ["attention"], ("axis", -1L))
            .Node("MatMul", ["attention", "values"], ["context"])
            .Node("Add", ["embedded", "context"], ["states"]);
        if (tags)
            return model.Node("MatMul", ["states", "head"], ["logits"]).Output("logits", new TensorType(ElementType.Float, [batch, sequence, 2])).ToBytes();
        return model
            .Node("Unsqueeze", ["mask", "last"], ["weights"])
            .Node("Mul", ["states", "weights"], ["counted"])
            .Node("ReduceSum", ["counted", "second"], ["sum"], ("keepdims", 0L))
            .Node("MatMul", ["sum", "head"], ["logits"])
            .Output("logits", new TensorType(ElementType.Float, [batch, 2]))
            .ToBytes();
    }

    private static float[] Small(int count, int seed) => [.. OrtRun.Random(count, seed).Select(static value => 0.3f * value)];
}
