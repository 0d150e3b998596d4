using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Forms of the fused attention operators that no case can hold: those that the runtime has no kernel for, and those refused.</summary>
public class FusedAttentionTests
{
    private const long Heads = 2, Size = 4, Length = 3;

    private static readonly (string, object) TwoHeads = ("num_heads", Heads);

    [Fact]
    public void Packed_inputs_have_the_gradients_of_their_parts()
    {
        float[][] parts = [.. Enumerable.Range(1, 3).Select(static seed => OrtRun.Random((int)(Length * Heads * Size), seed))];
        string[] names = ["q", "k", "v"];
        var model = new ModelBuilder().Opset(OnnxDomains.Microsoft, 1);
        foreach (string name in names)
            model.Input(name, ElementType.Float, 1, Length, Heads * Size);
        model.Node(OnnxDomains.Microsoft, "MultiHeadAttention", names, ["y"], TwoHeads);
        var apart = Gradients(model.Build(), [.. names.Select((name, index) => (name, (Array)parts[index], new[] { 1, Length, Heads * Size }))]);

        var packed = Gradients(
            new ModelBuilder().Opset(OnnxDomains.Microsoft, 1).Input("qkv", ElementType.Float, 1, Length, Heads, 3, Size)
                .Node(OnnxDomains.Microsoft, "MultiHeadAttention", ["qkv"], ["y"], TwoHeads).Build(),
            ("qkv", Pack(parts), [1, Length, Heads, 3, Size]));
        var keysPacked = Gradients(
            new ModelBuilder().Opset(OnnxDomains.Microsoft, 1)
                .Input("q", ElementType.Float, 1, Length, Heads * Size).Input("kv", ElementType.Float, 1, Length, Heads, 2, Size)
                .Node(OnnxDomains.Microsoft, "MultiHeadAttention", ["q", "kv"], ["y"], TwoHeads).Build(),
            ("q", parts[0], [1, Length, Heads * Size]), ("kv", Pack(parts[1], parts[2]), [1, Length, Heads, 2, Size]));

        AssertClose(Pack(apart["q"].Floats, apart["k"].Floats, apart["v"].Floats), packed["qkv"].Floats);
        AssertClose(apart["q"].Floats, keysPacked["q"].Floats);
        AssertClose(Pack(apart["k"].Floats, apart["v"].Floats), keysPacked["kv"].Floats);
    }

    [Fact]
    public void Past_keys_of_a_language_model_are_refused()
    {
        var past = new TensorType(ElementType.Float, [1, 1, Dimension.Named("past"), 8]);
        var model = new ModelBuilder().Opset(OnnxDomains.Microsoft, 1)
            .Input("q", ElementType.Float, 1, 1, 8).Input("past", past).Input("last", ElementType.Int32, 1).Input("total", ElementType.Int32, 1)
            .Node(
                OnnxDomains.Microsoft, "GroupQueryAttention", ["q", "q", "q", "past", "past", "last", "total"], ["y", "present_k", "present_v"],
                ("num_heads", 1L), ("kv_num_heads", 1L))
            .Build();
        Assert.Contains("fix the past to a length of 0", Refusal(model), StringComparison.Ordinal);
    }

    [Fact]
    public void Rotation_inside_a_projected_attention_is_refused()
    {
        var model = new ModelBuilder().Opset(OnnxDomains.Microsoft, 1)
            .Input("q", ElementType.Float, 1, 3, 4).Input("w", ElementType.Float, 4, 12).Input("b", ElementType.Float, 12)
            .Node(OnnxDomains.Microsoft, "Attention", ["q", "w", "b"], ["y"], ("num_heads", 1L), ("do_rotary", 1L)).Build();
        Assert.Contains("use MultiHeadAttention and RotaryEmbedding", Refusal(model), StringComparison.Ordinal);
    }

    private static string Refusal(ModelProto model)
    {
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = graph.Value("y").SumAll();
        var error = Assert.Throws<UnsupportedOperatorException>(
            () => new Differentiator(graph, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, ["q"]));
        return Assert.Single(error.Nodes).Reason;
    }

    private static Dictionary<string, OrtTensor> Gradients(ModelProto model, params (string Name, Array Data, long[] Shape)[] inputs)
    {
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var y = graph.Value("y");
        var loss = (y * y).SumAll();
        string[] targets = [.. inputs.Select(static input => input.Name)];
        foreach (var (target, gradient) in new Differentiator(graph, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, targets))
            graph.AddOutput(gradient, "d" + target);
        var outputs = OrtRun.Run(model, inputs);
        return targets.ToDictionary(static target => target, target => outputs["d" + target]);
    }

    /// <summary>[positions, heads * size] each, as [positions, heads, parts, size].</summary>
    private static float[] Pack(params float[][] parts)
    {
        var packed = new List<float>();
        for (int block = 0; block < Length * Heads; block++)
        {
            foreach (float[] part in parts)
                packed.AddRange(part.AsSpan(block * (int)Size, (int)Size));
        }

        return [.. packed];
    }

    private static void AssertClose(float[] expected, float[] actual) =>
        Assert.Equal(expected, actual, static (left, right) => Math.Abs(left - right) < 1e-5f * (1 + Math.Abs(left)));
}
