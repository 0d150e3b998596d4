using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Where a gradient depends on an extent that the model leaves open, the node and the axis are named.</summary>
public class UnknownShapes
{
    [Fact]
    public void A_gradient_that_needs_an_open_extent_names_the_node_and_the_axis()
    {
        var open = new TensorType(ElementType.Float, [Dimension.Named("batch"), 1, Dimension.Named("height"), 8]);
        var builder = new ModelBuilder().Input("image", open).Input("filter", ElementType.Float, 1, 1, 3, 3);
        var model = builder
            .Node("ConvTranspose", ["image", "filter"], ["y"], ("strides", new long[] { 2, 2 }), ("output_shape", new long[] { 16, 16 }))
            .Build();
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = graph.Value("y").SumAll();

        var error = Assert.Throws<UnsupportedOperatorException>(
            () => new Differentiator(graph, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, ["image"]));
        var node = Assert.Single(error.Nodes);
        Assert.Equal("ConvTranspose", node.OperatorType);
        Assert.Contains("axis 2 has no fixed extent", node.Reason, StringComparison.Ordinal);
    }
}
