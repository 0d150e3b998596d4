using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Memory;

namespace OrtAdaMomentum.Tests.Training.Memory;

public sealed class MemoryEstimateTests
{
    private static readonly TensorType _thousand = TensorType.Of(ElementType.Float, 1_000);

    [Fact]
    public void Parameters_count_with_gradient_and_moments_and_the_batch_once()
    {
        const int batch = 8, hidden = 8;
        const int parameters = (TinyTask.Features * hidden) + hidden + (hidden * TinyTask.Classes) + TinyTask.Classes;

        var estimate = FineTuningSession.EstimateMemory(TinyTask.Artifacts(), batch);

        // The training graph has a few numbers of its own.
        const long state = (4 * parameters * sizeof(float)) + (batch * TinyTask.Features * sizeof(float)) + (batch * sizeof(long)), constants = 64;
        Assert.InRange(estimate.StateBytes, state, state + constants);
        Assert.Equal(estimate.StateBytes + estimate.ValueBytes + MemoryEstimate.SessionBytes, estimate.TotalBytes);
    }

    [Theory]
    [InlineData(KernelUse.Off)]
    [InlineData(KernelUse.On)]
    public void Values_grow_with_the_batch(KernelUse kernels)
    {
        var options = new FineTuningOptions { Kernels = kernels };
        long Values(int batch) => FineTuningSession.EstimateMemory(TinyTask.Artifacts(), batch, options).ValueBytes;

        // At the least the hidden layer is there, before and after Relu or in place.
        Assert.InRange(Values(1_000), 1_000 * 8 * sizeof(float), long.MaxValue);
        Assert.Equal(Values(1_000) * 2.0, Values(2_000), Values(1_000) / 100.0);
    }

    [Fact]
    public void A_chain_of_elementwise_nodes_lies_in_one_place()
    {
        var graph = Graph(("Exp", "x", "a"), ("Neg", "a", "b"), ("Relu", "b", "y"));

        Assert.Equal(4_000, Peak(graph));
    }

    [Fact]
    public void A_value_that_is_read_again_stays()
    {
        var graph = Graph(("Exp", "x", "a"), ("Neg", "a", "b"), ("Relu", "b", "c"), ("Add", "c a", "y"));

        Assert.Equal(8_000, Peak(graph));
    }

    [Fact]
    public void Another_shape_of_a_value_takes_no_memory()
    {
        var graph = Graph(("Exp", "x", "a"), ("Reshape", "a", "b"), ("Transpose", "b", "y"));

        Assert.Equal(4_000, Peak(graph));
    }

    [Fact]
    public void Nodes_run_back_from_the_last_that_nobody_reads()
    {
        var graph = Graph(("Exp", "x", "a"), ("Neg", "a", "first"), ("Relu", "a", "b"), ("Abs", "b", "last"));

        Assert.Equal(["a", "b", "last", "first"], ExecutionOrder.Of(graph).Select(static node => node.Output[0]));
    }

    [Fact]
    public void With_leaves_ordered_each_runs_as_soon_as_it_can()
    {
        var graph = Graph(("Exp", "x", "a"), ("Neg", "a", "first"), ("Relu", "a", "b"), ("Abs", "b", "last"));

        LeafOrder.Apply(graph);

        Assert.Equal(["a", "first", "b", "last"], ExecutionOrder.Of(graph).Select(static node => node.Output[0]));
    }

    [Theory]
    [InlineData(KernelUse.Off)]
    [InlineData(KernelUse.On)]
    public void Gradients_of_late_parameters_do_not_wait_for_those_of_early_ones(KernelUse kernels)
    {
        var model = ModelProto.Parser.ParseFrom(TinyTask.Artifacts().TrainingModel.Span);
        if (kernels == KernelUse.On)
            KernelSubstitution.Apply(model, KernelRegistry.Wins);
        var order = ExecutionOrder.Of(model.Graph).SelectMany(static node => node.Output).ToList();
        var gradients = TinyTask.Artifacts().Manifest.Trainable.Select(parameter => order.IndexOf(ArtifactManifest.GradientName(parameter.Name))).ToList();

        Assert.Equal(4, gradients.Count);
        Assert.DoesNotContain(-1, gradients);
        Assert.True(gradients[2..].Max() < gradients[..2].Min(), string.Join(' ', gradients));
    }

    private static long Peak(GraphProto graph)
    {
        var types = graph.Node.SelectMany(static node => node.Output).ToDictionary(static name => name, static _ => _thousand);
        return new LiveValues(types, ["x", "y"]).PeakBytes(ExecutionOrder.Of(graph));
    }

    private static GraphProto Graph(params (string Operator, string Inputs, string Output)[] nodes)
    {
        var graph = new GraphProto();
        foreach (var (type, inputs, output) in nodes)
            graph.Node.Add(new NodeProto { OpType = type, Input = { inputs.Split(' ') }, Output = { output } });
        return graph;
    }
}
