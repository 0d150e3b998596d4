using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>
/// An encoder of MiniLM's shape: 6 layers, each normalised after its sum, exact Gelu, and a classifier on the first token. It begins behind
/// the embeddings, whose gradient and step would only make the peer slower.
/// </summary>
internal static class MiniLm
{
    private const int Layers = 6, Width = 384, Heads = 12, Inner = 1536, Length = 128;

    public static ModelCase Case { get; } = new(
        "minilm", "encoder, 6 layers of 384, 12 heads, inner 1536, sequence 128, without embeddings, batch 8", 8, Create,
        new TrainedPart("first", "classifier.*"),
        new TrainedPart("layer4.out", "layer5.*", "classifier.*"));

    private static OnnxModel Create()
    {
        var write = new ModelWriter("minilm");
        string x = write.Input("x", ElementType.Float, Length, Width);
        for (int layer = 0; layer < Layers; layer++)
            x = Layer(write, x, $"layer{layer}");
        x = write.Reshape(write.Node("Gather", "first.token", [x, write.Integers("first.index", 0)], ("axis", 1L)), "first", -1, Width);
        return write.Finish(write.Linear(x, "classifier", Width, 2));
    }

    private static string Layer(ModelWriter write, string x, string layer)
    {
        x = write.LayerNormalization(write.Add(x, Attention(write, x, layer), layer + ".attended"), layer + ".norm1", Width);
        string inner = write.Project(x, layer + ".up", Width, Inner);
        inner = write.Project(write.Node("Gelu", layer + ".gelu", [inner]), layer + ".down", Inner, Width);
        x = write.LayerNormalization(write.Add(x, inner, layer + ".fed"), layer + ".norm2", Width);
        return write.Node("Identity", layer + ".out", [x]);
    }

    private static string Attention(ModelWriter write, string x, string layer)
    {
        const int size = Width / Heads;
        string Split(string role, params long[] order) => write.Permute(
            write.Reshape(write.Project(x, $"{layer}.{role}", Width, Width), $"{layer}.{role}.split", -1, Length, Heads, size), $"{layer}.{role}.heads", order);
        string query = Split("query", 0, 2, 1, 3), key = Split("key", 0, 2, 3, 1), value = Split("value", 0, 2, 1, 3);
        string scale = write.Constant(layer + ".scale", 1 / MathF.Sqrt(size));
        string scores = write.Node("Mul", layer + ".scaled", [write.Node("MatMul", layer + ".scores", [query, key]), scale]);
        string mixed = write.Node("MatMul", layer + ".mixed", [write.Node("Softmax", layer + ".shares", [scores], ("axis", -1L)), value]);
        string joined = write.Reshape(write.Permute(mixed, layer + ".joining", 0, 2, 1, 3), layer + ".joined", -1, Length, Width);
        return write.Project(joined, layer + ".result", Width, Width);
    }
}
