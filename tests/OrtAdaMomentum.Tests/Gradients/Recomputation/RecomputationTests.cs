using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Gradients.Recomputation;

public class RecomputationTests
{
    private const int Batch = 5;

    [Theory]
    [InlineData(KernelUse.Off)]
    [InlineData(KernelUse.On)]
    public void Gradients_are_the_same_with_recomputation_and_without(KernelUse kernels)
    {
        var (loss, gradients) = Step(recompute: false, kernels);
        var (again, recomputed) = Step(recompute: true, kernels);

        Assert.Equal(loss, again, 1e-6f);
        Assert.Contains(gradients, static value => value != 0);
        Assert.All(gradients.Zip(recomputed), static pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void Only_cheap_nodes_are_computed_twice_and_the_forward_pass_stays_as_it_was()
    {
        var plain = Training(recompute: false).Graph.Node;
        var recomputing = Training(recompute: true).Graph.Node;

        int Count(IEnumerable<NodeProto> nodes, string operatorType) => nodes.Count(node => node.OpType == operatorType);
        Assert.Equal(Count(plain, "Gemm"), Count(recomputing, "Gemm"));
        Assert.Equal(Count(plain, "Gelu") + 2, Count(recomputing, "Gelu"));
    }

    [Theory]
    [InlineData(KernelUse.Off)]
    [InlineData(KernelUse.On)]
    public void Less_is_kept_from_the_forward_pass_for_the_backward_pass(KernelUse kernels)
    {
        const int batch = 1_000, blocks = 8;
        long Values(bool recompute) =>
            FineTuningSession.EstimateMemory(Artifacts(recompute, blocks), batch, new FineTuningOptions { Kernels = kernels }).ValueBytes;

        // Of the four values of a block two are kept.
        Assert.InRange(Values(recompute: true), 0, 0.75 * Values(recompute: false));
    }

    [Fact]
    public void What_is_computed_twice_waits_for_a_gradient()
    {
        var nodes = Training(recompute: true).Graph.Node;
        Assert.Equal(2, nodes.Count(node => node.OpType == "Gelu" && ReadsTarget(nodes, node.Input[0])));
    }

    [Fact]
    public void Official_operators_read_what_is_computed_twice()
    {
        var official = new ArtifactOptions { Layout = ArtifactLayout.Official, Official = new() { Kernels = OfficialKernelUse.On } };
        var nodes = Training(recompute: true, official).Graph.Node;

        NodeProto[] readers = [.. nodes.Where(static node => node.OpType == "LayerNormalizationGrad")];
        Assert.Equal(2, readers.Length);
        Assert.All(readers, reader => Assert.True(ReadsTarget(nodes, reader.Input[1])));
        Assert.Equal(2, nodes.Count(node => node.OpType == "Gelu" && ReadsTarget(nodes, node.Input[0])));
    }

    private static (float Loss, float[] Gradients) Step(bool recompute, KernelUse kernels)
    {
        using var session = new FineTuningSession(Artifacts(recompute), new FineTuningOptions { Kernels = kernels });
        using var batch = session.CreateBatch(Batch);
        OrtRun.Random(Batch * 8, 3).CopyTo(batch.Tensor<float>("x"));
        new long[] { 0, 1, 2, 1, 0 }.CopyTo(batch.Tensor<long>("labels"));
        float loss = session.TrainStep(batch);
        return (loss, [.. session.Gradients.Layout.Slots.SelectMany(slot => session.Gradients[slot].ToArray())]);
    }

    /// <summary>Whether a value waits for a gradient, as nothing of the forward pass does.</summary>
    private static bool ReadsTarget(IReadOnlyCollection<NodeProto> nodes, string value) =>
        value == "labels" || (nodes.FirstOrDefault(node => node.Output.Contains(value)) is { } producer && producer.Input.Any(input => ReadsTarget(nodes, input)));

    private static ModelProto Training(bool recompute, ArtifactOptions? options = null) =>
        ModelProto.Parser.ParseFrom(Artifacts(recompute, options: options).TrainingModel.Span);

    private static TrainingArtifacts Artifacts(bool recompute, int blocks = 2, ArtifactOptions? options = null) =>
        ArtifactGenerator.Generate(new OnnxModel(Model(blocks), "blocks"), (options ?? new()) with { Recompute = recompute });

    /// <summary>Blocks of Gemm, Gelu, residual and LayerNormalization, and a classifier.</summary>
    private static ModelProto Model(int blocks)
    {
        var model = new ModelBuilder().Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), 8]));
        string last = "x";
        foreach (string block in Enumerable.Range(0, blocks).Select(static block => $"{(char)('a' + block)}"))
        {
            model.Initializer($"{block}.weight", OrtRun.Random(64, block[0]), 8, 8).Initializer($"{block}.bias", OrtRun.Random(8, block[0] + 1), 8)
                .Initializer($"{block}.scale", OrtRun.Random(8, block[0] + 2), 8).Initializer($"{block}.shift", OrtRun.Random(8, block[0] + 3), 8)
                .Node("Gemm", [last, $"{block}.weight", $"{block}.bias"], [$"{block}.linear"])
                .Node("Gelu", [$"{block}.linear"], [$"{block}.active"])
                .Node("Add", [$"{block}.active", last], [$"{block}.sum"])
                .Node("LayerNormalization", [$"{block}.sum", $"{block}.scale", $"{block}.shift"], [$"{block}.out"]);
            last = $"{block}.out";
        }

        return model.Initializer("head", OrtRun.Random(24, 9), 8, 3).Node("MatMul", [last, "head"], ["logits"])
            .Output("logits", new TensorType(ElementType.Float, [Dimension.Named("batch"), 3])).Build();
    }
}
