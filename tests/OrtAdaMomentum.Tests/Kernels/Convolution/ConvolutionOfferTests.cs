using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Kernels.Convolution;

/// <summary>Which of the kernels for a convolution take the place of the ordinary nodes.</summary>
public class ConvolutionOfferTests
{
    [Theory]
    [InlineData(1, 1, 5, "ConvolutionFilterGradient ConvolutionForward")]
    [InlineData(64, 1, 3, "ConvolutionFilterGradient ConvolutionForward")]
    [InlineData(64, 1, 5, "ConvolutionFilterGradient")]
    [InlineData(64, 64, 5, "ConvolutionFilterGradient ConvolutionForward")]
    [InlineData(64, 32, 5, "")]
    public void The_kernels_that_win_are_taken(int channels, int groups, int height, string expected) =>
        Assert.Equal(expected, string.Join(' ', Taken(channels, groups, height, trained: "w")));

    [Theory]
    [InlineData(3, 1, "ConvolutionInputGradient")]
    [InlineData(64, 1, "ConvolutionInputGradient")]
    [InlineData(64, 32, "")]
    public void A_filter_that_stays_as_it_is_leaves_the_forward_pass_to_the_runtime(int channels, int groups, string expected) =>
        Assert.Equal(expected, string.Join(' ', Taken(channels, groups, height: 5, trained: "x")));

    [Fact]
    public void The_gradient_of_the_input_does_not_read_the_input_for_its_shape() =>
        Assert.DoesNotContain("x", Assert.Single(Kernels(channels: 64, groups: 1, height: 5, trained: "x")).Input);

    private static IEnumerable<string> Taken(int channels, int groups, int height, string trained) =>
        Kernels(channels, groups, height, trained).Select(static node => node.OpType).Order();

    private static IEnumerable<NodeProto> Kernels(int channels, int groups, int height, string trained)
    {
        var model = new ModelBuilder()
            .Input("x", ElementType.Float, 2, channels, 8, 8).Input("w", ElementType.Float, 64, channels / groups, height, 3)
            .Node("Conv", ["x", "w"], ["y"], ("group", (long)groups)).Output("y").Build();
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = (graph.Value("y") * graph.Value("y")).SumAll();
        graph.AddOutput(new Differentiator(graph, GradientRegistry.Default, 21).Differentiate(loss, [trained])[trained], "gradient");
        UnusedNodes.Remove(model.Graph);
        KernelOffers.Write(model, graph.Offers, new Dictionary<string, string>());
        KernelSubstitution.Apply(model, KernelRegistry.Wins);
        return model.Graph.Node.Where(static node => node.Domain == OnnxDomains.Kernels);
    }
}
