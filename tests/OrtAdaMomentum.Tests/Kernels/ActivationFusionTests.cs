using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Kernels;

/// <summary>A batch normalisation in training with an activation behind it, by kernels and by ordinary nodes.</summary>
public class ActivationFusionTests
{
    private const int Batch = 3, Channels = 5, Area = 14;

    private static readonly string[] Gradients = ["x", "scale", "bias"];

    public static TheoryData<string, string[]> Activations => new()
    {
        { "Relu", [] },
        { "Clip", ["zero", "six"] },
        { "Clip", ["", "six"] },
        { "Clip", ["six", "zero"] },
        { "Clip", [] },
    };

    [Theory]
    [MemberData(nameof(Activations))]
    public void Two_kernels_compute_what_the_ordinary_nodes_do(string activation, string[] limits)
    {
        var (ordinary, replaced) = Models(activation, limits);
        Assert.Equal(
            ["BatchNormalizationBackward", "BatchNormalizationForward"],
            replaced.Graph.Node.Where(static node => node.Domain == OnnxDomains.Kernels).Select(static node => node.OpType).Order());
        Assert.DoesNotContain(replaced.Graph.Node, node => node.OpType == activation);

        var feeds = Feeds();
        using var expected = CaseSession.Open(ordinary, feeds, optimize: true);
        using var actual = CaseSession.Open(replaced, feeds, optimize: true);
        var (right, got) = (expected.Run(), actual.Run());
        Assert.Equal(Gradients.Length + 1, right.Count);
        foreach (var (name, tensor) in right)
            KernelAssert.Near([.. tensor.Floats.Select(static value => (double)value)], got[name].Floats);
    }

    [Fact]
    public void What_else_is_read_between_the_two_is_still_computed()
    {
        var (ordinary, replaced) = Models("Relu", [], shown: "normalised");

        Assert.Contains(replaced.Graph.Node, static node => node.OpType == "Relu");
        using var expected = CaseSession.Open(ordinary, Feeds(), optimize: true);
        using var actual = CaseSession.Open(replaced, Feeds(), optimize: true);
        KernelAssert.Near([.. expected.Run()["normalised"].Floats.Select(static value => (double)value)], actual.Run()["normalised"].Floats);
    }

    /// <summary>The gradient graph of Σ output g as it is written, and with kernels.</summary>
    private static (ModelProto Ordinary, ModelProto Replaced) Models(string activation, string[] limits, string shown = "y")
    {
        var model = new ModelBuilder()
            .Input("x", ElementType.Float, Batch, Channels, Area).Input("g", ElementType.Float, Batch, Channels, Area)
            .Input("scale", ElementType.Float, Channels).Input("bias", ElementType.Float, Channels)
            .Input("mean", ElementType.Float, Channels).Input("variance", ElementType.Float, Channels)
            .Initializer("zero", new float[] { 0 }).Initializer("six", new float[] { 0.5f })
            .Node(
                "BatchNormalization", ["x", "scale", "bias", "mean", "variance"], ["normalised", "next mean", "next variance"],
                ("training_mode", 1L))
            .Node(activation, ["normalised", .. limits], ["y"]).Output(shown).Build();
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = (graph.Value("y") * graph.Value("g")).SumAll();
        var gradients = new Differentiator(graph, GradientRegistry.Default, 21).Differentiate(loss, Gradients);
        foreach (string name in Gradients)
            graph.AddOutput(gradients[name], "gradient of " + name);
        UnusedNodes.Remove(model.Graph);
        KernelOffers.Write(model, graph.Offers, new Dictionary<string, string>());
        var replaced = model.Clone();
        Assert.True(KernelSubstitution.Apply(replaced, KernelRegistry.Wins));
        return (model, replaced);
    }

    /// <summary>The first channel is constant, so that its normalised elements are all exactly its bias: zero, the border.</summary>
    private static Dictionary<string, (Array Data, long[] Shape)> Feeds()
    {
        float[] x = OrtRun.Random(Batch * Channels * Area, 1), bias = OrtRun.Random(Channels, 3);
        for (int i = 0; i < x.Length; i++)
            x[i] = i / Area % Channels == 0 ? 1 : x[i];
        bias[0] = 0;
        return new()
        {
            ["x"] = (x, [Batch, Channels, Area]),
            ["g"] = (OrtRun.Random(x.Length, 2), [Batch, Channels, Area]),
            ["scale"] = (OrtRun.Random(Channels, 4), [Channels]),
            ["bias"] = (bias, [Channels]),
            ["mean"] = (OrtRun.Random(Channels, 5), [Channels]),
            ["variance"] = (OrtRun.Random(Channels, 6), [Channels]),
        };
    }
}
