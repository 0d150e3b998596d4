using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Layer normalisations that an export has in parts.</summary>
public class LayerNormalizationFusionTests
{
    [Theory]
    [InlineData("Pow", true)]
    [InlineData("Mul", true)]
    [InlineData("Pow", false)]
    public void The_parts_become_one_node_that_computes_the_same(string square, bool operandsFirst)
    {
        var model = Parts(square, operandsFirst).Output("y").Build();
        var fused = ModelNormalizer.Normalize(model, new NormalizeOptions());
        Assert.Equal("LayerNormalization", Assert.Single(fused.Graph.Node).OpType);
        var feed = ("x", (Array)OrtRun.Random(2 * 3 * 4), new long[] { 2, 3, 4 });
        OrtRun.AssertClose(OrtRun.Run(model, feed)["y"], OrtRun.Run(fused, feed)["y"]);
    }

    [Fact]
    public void A_part_that_something_else_reads_keeps_them_apart()
    {
        var fused = ModelNormalizer.Normalize(Parts("Pow", true).Output("y", "variance").Build(), new NormalizeOptions());
        Assert.DoesNotContain(fused.Graph.Node, static node => node.OpType == "LayerNormalization");
    }

    [Fact]
    public void A_scale_of_another_shape_keeps_them_apart()
    {
        var fused = ModelNormalizer.Normalize(Parts("Pow", true, scaleShape: [1, 4]).Output("y").Build(), new NormalizeOptions());
        Assert.DoesNotContain(fused.Graph.Node, static node => node.OpType == "LayerNormalization");
    }

    [Fact]
    public void A_mean_over_another_axis_keeps_them_apart()
    {
        var fused = ModelNormalizer.Normalize(Parts("Pow", true, axis: 1).Output("y").Build(), new NormalizeOptions());
        Assert.DoesNotContain(fused.Graph.Node, static node => node.OpType == "LayerNormalization");
    }

    private static ModelBuilder Parts(string square, bool operandsFirst, long[]? scaleShape = null, long axis = -1)
    {
        var builder = new ModelBuilder(16).Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), 3, 4]))
            .Initializer("two", new float[] { 2 }).Initializer("epsilon", new float[] { 1e-3f })
            .Initializer("scale", new float[] { 1, 2, 3, 4 }, scaleShape ?? [4]).Initializer("bias", new float[] { -1, 0, 1, 2 }, 4)
            .Node("ReduceMean", ["x"], ["mean"], ("axes", new[] { axis })).Node("Sub", ["x", "mean"], ["centred"])
            .Node(square, ["centred", square == "Pow" ? "two" : "centred"], ["square"])
            .Node("ReduceMean", ["square"], ["variance"], ("axes", new[] { axis }));
        string[] Order(string a, string b) => operandsFirst ? [a, b] : [b, a];
        return builder.Node("Add", Order("variance", "epsilon"), ["regular"]).Node("Sqrt", ["regular"], ["root"])
            .Node("Div", ["centred", "root"], ["normal"]).Node("Mul", Order("normal", "scale"), ["scaled"]).Node("Add", Order("scaled", "bias"), ["y"]);
    }
}
