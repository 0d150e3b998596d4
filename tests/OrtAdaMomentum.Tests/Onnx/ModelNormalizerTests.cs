using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

public class ModelNormalizerTests
{
    private static readonly NormalizeOptions Fixed = new() { FreeBatch = false };

    [Fact]
    public void The_model_itself_is_left_alone()
    {
        ModelProto model = new ModelBuilder(9).Input("x", ElementType.Float, 1, 3).Node("Softmax", ["x"], ["y"]).Output("y").Build();
        ModelProto before = model.Clone();

        _ = ModelNormalizer.Normalize(model, new NormalizeOptions());

        Assert.Equal(before, model);
    }

    [Fact]
    public void Constants_become_initializers()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", ElementType.Float, 1, 2)
            .Node("Constant", [], ["a"], ("value", TensorData.Create("", [1f, 2f], 2)))
            .Node("Constant", [], ["b"], ("value_float", 3f))
            .Node("Constant", [], ["c"], ("value_floats", new[] { 4f, 5f }))
            .Node("Constant", [], ["d"], ("value_int", 1L))
            .Node("Constant", [], ["e"], ("value_ints", new[] { 1L, 2L }))
            .Node("Add", ["x", "a"], ["s1"])
            .Node("Add", ["s1", "b"], ["s2"])
            .Node("Add", ["s2", "c"], ["s3"])
            .Node("Gather", ["s3", "d"], ["g"], ("axis", 1L))
            .Node("Reshape", ["s3", "e"], ["y"])
            .Output("y", "g").Build();

        ModelProto normal = ModelNormalizer.Normalize(model, Fixed);

        Assert.DoesNotContain(normal.Graph.Node, node => node.OpType == "Constant");
        Assert.Equal(["a", "b", "c", "d", "e"], normal.Graph.Initializer.Select(tensor => tensor.Name));
        AssertSame(model, normal, ("x", [0.5f, 0.25f], [1, 2]));
    }

    [Fact]
    public void Initializers_are_no_inputs()
    {
        ModelProto model = new ModelBuilder(8, irVersion: 3)
            .Input("x", ElementType.Float, 1, 3)
            .Input("w", ElementType.Float, 3, 2)
            .Initializer("w", OrtRun.Random(6), 3, 2)
            .Node("MatMul", ["x", "w"], ["y"])
            .Output("y").Build();

        ModelProto normal = ModelNormalizer.Normalize(model, Fixed);

        Assert.Equal("x", Assert.Single(normal.Graph.Input).Name);
        AssertSame(model, normal, ("x", [1, 2, 3], [1, 3]));
    }

    [Fact]
    public void Training_information_is_dropped()
    {
        ModelProto model = new ModelBuilder().Input("x", ElementType.Float, 1).Node("Relu", ["x"], ["y"]).Output("y").Build();
        model.TrainingInfo.Add(new TrainingInfoProto());

        ModelProto normal = ModelNormalizer.Normalize(model, Fixed, out NormalizationReport report);

        Assert.Empty(normal.TrainingInfo);
        Assert.Contains("training information", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_can_be_fixed()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", ElementType.Float, 1, 2)
            .Input("sr", ElementType.Int64)
            .Input("scale", new TensorType(ElementType.Float, [Dimension.Unknown]))
            .Node("Cast", ["sr"], ["f"], ("to", (long)ElementType.Float))
            .Node("Mul", ["x", "f"], ["m"])
            .Node("Mul", ["m", "scale"], ["y"])
            .Output("y").Build();
        var options = Fixed with { Fix = new Dictionary<string, string> { ["sr"] = "16000", ["scale"] = "0.5,2" } };

        ModelProto normal = ModelNormalizer.Normalize(model, options);

        Assert.Equal("x", Assert.Single(normal.Graph.Input).Name);
        Assert.Equal([8000f, 64000f], OrtRun.Run(normal, ("x", new[] { 1f, 2f }, [1, 2]))["y"].Floats);
    }

    [Theory]
    [InlineData("y", "1", "The inputs are: 'x'")]
    [InlineData("x", "one", "no number")]
    [InlineData("x", "1,2,3", "needs 2 values, but 3")]
    public void A_wrong_fix_is_explained(string name, string value, string expected)
    {
        ModelProto model = new ModelBuilder().Input("x", ElementType.Float, 1, 2).Node("Relu", ["x"], ["y"]).Output("y").Build();

        var error = Assert.Throws<OnnxModelException>(() =>
            ModelNormalizer.Normalize(model, Fixed with { Fix = new Dictionary<string, string> { [name] = value } }));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shared_weights_go_by_one_name_and_merged_ones_are_separated()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", ElementType.Float, 1, 2)
            .Initializer("w", [1f, 2f, 3f, 4f], 2, 2)
            .Initializer("ones", [1f, 1f], 2)
            .Node("Identity", ["w"], ["w2"])
            .Node("Identity", ["w2"], ["w3"])
            .Node("Identity", ["ones"], ["more_ones"])
            .Node("MatMul", ["x", "w"], ["a"])
            .Node("MatMul", ["a", "w3"], ["b"])
            .Node("Mul", ["b", "ones"], ["c"])
            .Node("Mul", ["c", "more_ones"], ["y"])
            .Output("y").Build();

        ModelProto normal = ModelNormalizer.Normalize(model, Fixed);

        Assert.Equal(["w", "ones", "more_ones"], normal.Graph.Initializer.Select(tensor => tensor.Name));
        Assert.Equal(["x", "w", "a", "w", "b", "ones", "c", "more_ones"], normal.Graph.Node.SelectMany(node => node.Input));
        AssertSame(model, normal, ("x", [1, 2], [1, 2]));
    }

    [Fact]
    public void Outputs_are_declared_with_the_types_found()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Named("n"), 3])).Node("Relu", ["x"], ["y"]).Output("y").Build();

        ModelProto normal = ModelNormalizer.Normalize(model, new NormalizeOptions(), out NormalizationReport report);

        Assert.Equal("Float[n, 3]", TensorTypes.FromProto(normal.Graph.Output[0].Type)!.ToString());
        Assert.True(report.BatchIsFree);
        Assert.Empty(report.Notes);
    }

    [Fact]
    public void Operators_of_other_makers_are_named()
    {
        ModelProto model = new ModelBuilder().Opset("acme", 1)
            .Input("x", ElementType.Float, 1).Node("acme", "Anvil", ["x"], ["y"]).Output("y").Build();

        var error = Assert.Throws<OnnxModelException>(() => ModelNormalizer.Normalize(model, Fixed));

        Assert.Contains("acme.Anvil", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_of_the_runtime_stay()
    {
        ModelProto model = new ModelBuilder(13).Opset("com.microsoft", 1)
            .Input("x", ElementType.Float, 2, 3).Node("com.microsoft", "Gelu", ["x"], ["y"]).Output("y").Build();

        AssertSame(model, ModelNormalizer.Normalize(model, Fixed), ("x", OrtRun.Random(6), [2, 3]));
    }

    internal static void AssertSame(ModelProto expected, ModelProto actual, params (string Name, float[] Data, long[] Shape)[] inputs)
    {
        (string, Array, long[])[] feeds = [.. inputs.Select(input => (input.Name, (Array)input.Data, input.Shape))];
        Dictionary<string, OrtTensor> left = OrtRun.Run(expected, feeds), right = OrtRun.Run(actual, feeds);
        foreach (string name in left.Keys)
            OrtRun.AssertClose(left[name], right[name]);
    }
}
