using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>
/// A language model of two blocks under one table of words, written with the fused operators that ONNX Runtime's transformer optimiser
/// leaves in files, or with ordinary ones.
/// </summary>
internal sealed class SmallTransformer
{
    public const int Words = 6, Length = 4;

    private const int Width = 8, Heads = 2, Inner = 12, Positions = 5;

    private static readonly (string, object) Normal = ("epsilon", 1e-5f);

    private static readonly (string, object)[] Causal = [("num_heads", (long)Heads), ("unidirectional", 1L)];

    private readonly bool _fused;
    private readonly ModelBuilder _model = new();
    private int _seed;

    private SmallTransformer(bool fused) => _fused = fused;

    /// <summary>Input <c>ids</c> [batch, Length], output <c>logits</c> [batch, Length, Words].</summary>
    public static OnnxModel Build(bool fused) => new(new SmallTransformer(fused).Write().Build(), fused ? "fused" : "plain");

    private ModelBuilder Write()
    {
        _model.Opset(OnnxDomains.Microsoft, 1).Input("ids", new TensorType(ElementType.Int32, [Dimension.Named("batch"), Length]));
        Parameter("words", Words, Width);
        Parameter("positions", Positions, Width);
        string hidden = Block("first", Embedding(), Projected);
        hidden = Block("second", hidden, MultiHead);
        if (_fused)
        {
            _model.Node(OnnxDomains.Microsoft, "FusedMatMul", [hidden, "words"], ["logits"], ("transB", 1L), ("alpha", 0.5f));
        }
        else
        {
            _model.Initializer(TensorData.Scalar("half", 0.5f));
            _model.Node("Mul", [hidden, "half"], ["scaled"]).Node("Transpose", ["words"], ["wordsTransposed"]);
            _model.Node("MatMul", ["scaled", "wordsTransposed"], ["logits"]);
        }

        return _model.Output("logits", new TensorType(ElementType.Float, [Dimension.Named("batch"), Length, Words]));
    }

    private string Embedding()
    {
        Norm("embedding");
        if (_fused)
        {
            _model.Node(
                OnnxDomains.Microsoft, "EmbedLayerNormalization",
                ["ids", "", "words", "positions", "", "embedding.scale", "embedding.shift"], ["embedded", "count"], Normal);
            return "embedded";
        }

        _model.Initializer("places", [.. Enumerable.Range(0, Length).Select(static place => (long)place)], Length)
            .Node("Gather", ["words", "ids"], ["word"]).Node("Gather", ["positions", "places"], ["place"]).Node("Add", ["word", "place"], ["sum"])
            .Node("LayerNormalization", ["sum", "embedding.scale", "embedding.shift"], ["embedded"], Normal);
        return "embedded";
    }

    private string Block(string name, string input, Func<string, string, string> attention)
    {
        Parameter($"{name}.out", Width, Width);
        Parameter($"{name}.out_bias", Width);
        Parameter($"{name}.up", Width, Inner);
        Parameter($"{name}.up_bias", Inner);
        Parameter($"{name}.down", Inner, Width);
        Parameter($"{name}.down_bias", Width);
        string attended = MatMul(attention(name, input), $"{name}.out");
        string middle = Skip($"{name}.middle", attended, input, $"{name}.out_bias");
        string inner = Gelu(MatMul(middle, $"{name}.up"), $"{name}.up_bias");
        return Skip($"{name}.end", MatMul(inner, $"{name}.down"), middle, $"{name}.down_bias");
    }

    /// <summary>One product for queries, keys and values.</summary>
    private string Projected(string name, string x)
    {
        Parameter($"{name}.qkv", Width, 3 * Width);
        Parameter($"{name}.qkv_bias", 3 * Width);
        if (_fused)
        {
            _model.Node(OnnxDomains.Microsoft, "Attention", [x, $"{name}.qkv", $"{name}.qkv_bias"], [$"{name}.attended"], Causal);
            return $"{name}.attended";
        }

        _model.Node("Add", [MatMul(x, $"{name}.qkv"), $"{name}.qkv_bias"], [$"{name}.projected"])
            .Node("Split", [$"{name}.projected"], [$"{name}.q", $"{name}.k", $"{name}.v"], ("axis", -1L), ("num_outputs", 3L));
        return Attended(name);
    }

    /// <summary>A product for each of queries, keys and values; their biases lie in one tensor.</summary>
    private string MultiHead(string name, string x)
    {
        string[] parts = ["q", "k", "v"];
        foreach (string part in parts)
            Parameter($"{name}.{part}_weight", Width, Width);
        Parameter($"{name}.qkv_bias", 3 * Width);
        string[] products = [.. parts.Select(part => MatMul(x, $"{name}.{part}_weight"))];
        if (_fused)
        {
            _model.Node(OnnxDomains.Microsoft, "MultiHeadAttention", [.. products, $"{name}.qkv_bias"], [$"{name}.attended"], Causal);
            return $"{name}.attended";
        }

        string[] biases = [.. parts.Select(part => $"{name}.{part}_bias")];
        _model.Node("Split", [$"{name}.qkv_bias"], biases, ("axis", 0L), ("num_outputs", 3L));
        for (int index = 0; index < parts.Length; index++)
            _model.Node("Add", [products[index], biases[index]], [$"{name}.{parts[index]}"]);
        return Attended(name);
    }

    private string Attended(string name)
    {
        string Of(string value) => $"{name}.{value}";
        string[] inputs = ["q", "k", "v"];
        float[] mask = [.. Enumerable.Range(0, Length * Length).Select(static place => place % Length > place / Length ? float.NegativeInfinity : 0)];
        _model.Initializer(Of("heads"), [0L, 0, Heads, Width / Heads], 4).Initializer(Of("flat"), [0L, 0, Width], 3)
            .Initializer(TensorData.Scalar(Of("scale"), (float)Math.Sqrt((double)Heads / Width)))
            .Initializer(Of("mask"), mask, 1, 1, Length, Length);
        foreach (string input in inputs)
        {
            long[] order = input == "k" ? [0, 2, 3, 1] : [0, 2, 1, 3];
            _model.Node("Reshape", [Of(input), Of("heads")], [Of(input + "_split")])
                .Node("Transpose", [Of(input + "_split")], [Of(input + "_heads")], ("perm", order));
        }

        _model.Node("MatMul", [Of("q_heads"), Of("k_heads")], [Of("raw")]).Node("Mul", [Of("raw"), Of("scale")], [Of("scaled")])
            .Node("Add", [Of("scaled"), Of("mask")], [Of("scores")]).Node("Softmax", [Of("scores")], [Of("weights")])
            .Node("MatMul", [Of("weights"), Of("v_heads")], [Of("mixed")])
            .Node("Transpose", [Of("mixed")], [Of("mixed_split")], ("perm", new long[] { 0, 2, 1, 3 }))
            .Node("Reshape", [Of("mixed_split"), Of("flat")], [Of("attended")]);
        return Of("attended");
    }

    private string Skip(string name, string x, string skip, string bias)
    {
        Norm(name);
        if (_fused)
        {
            _model.Node(
                OnnxDomains.Microsoft, "SkipLayerNormalization", [x, skip, $"{name}.scale", $"{name}.shift", bias], [$"{name}.y"], Normal);
        }
        else
        {
            _model.Node("Add", [x, bias], [$"{name}.biased"]).Node("Add", [$"{name}.biased", skip], [$"{name}.sum"])
                .Node("LayerNormalization", [$"{name}.sum", $"{name}.scale", $"{name}.shift"], [$"{name}.y"], Normal);
        }

        return $"{name}.y";
    }

    private string Gelu(string x, string bias)
    {
        if (_fused)
            _model.Node(OnnxDomains.Microsoft, "BiasGelu", [x, bias], [$"{x}.gelu"]);
        else
            _model.Node("Add", [x, bias], [$"{x}.biased"]).Node("Gelu", [$"{x}.biased"], [$"{x}.gelu"]);
        return $"{x}.gelu";
    }

    private string MatMul(string x, string weight)
    {
        _model.Node("MatMul", [x, weight], [$"{weight}.y"]);
        return $"{weight}.y";
    }

    private void Norm(string name)
    {
        Parameter($"{name}.scale", Width);
        Parameter($"{name}.shift", Width);
    }

    private void Parameter(string name, params long[] shape) =>
        _model.Initializer(name, OrtRun.Random((int)shape.Aggregate(1L, static (product, extent) => product * extent), ++_seed), shape);
}
