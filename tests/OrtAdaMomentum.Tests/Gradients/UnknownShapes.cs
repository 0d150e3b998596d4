using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Where a gradient depends on an extent that the model leaves open, the node and the axis are named.</summary>
public class UnknownShapes
{
    [Theory]
    [InlineData("Conv", "auto_pad", "SAME_UPPER")]
    [InlineData("AveragePool", "auto_pad", "SAME_LOWER")]
    [InlineData("AveragePool", "ceil_mode", 1L)]
    [InlineData("ConvTranspose", "auto_pad", "SAME_UPPER")]
    public void A_gradient_that_needs_an_open_extent_names_the_node_and_the_axis(string operatorType, string attribute, object value)
    {
        var open = new TensorType(ElementType.Float, [Dimension.Named("batch"), 1, Dimension.Named("height"), 8]);
        var builder = new ModelBuilder().Input("image", open).Input("filter", ElementType.Float, 1, 1, 3, 3);
        string[] inputs = operatorType == "AveragePool" ? ["image"] : ["image", "filter"];
        var model = builder
            .Node(operatorType, inputs, ["y"], ("kernel_shape", new long[] { 3, 3 }), ("strides", new long[] { 2, 2 }), (attribute, value))
            .Build();
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = graph.Value("y").SumAll();

        var error = Assert.Throws<UnsupportedOperatorException>(
            () => new Differentiator(graph, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, ["image"]));
        var node = Assert.Single(error.Nodes);
        Assert.Equal(operatorType, node.OperatorType);
        Assert.Contains("axis 2 has no fixed extent", node.Reason, StringComparison.Ordinal);
    }
}
