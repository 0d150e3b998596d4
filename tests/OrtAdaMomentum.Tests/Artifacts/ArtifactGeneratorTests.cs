using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts;

/// <summary>What generated artifacts hold, and what is refused.</summary>
public sealed class ArtifactGeneratorTests
{
    private static readonly TensorType Free = new(ElementType.Float, [Dimension.Named("batch"), 3]);

    public static TheoryData<string> Files =>
    [
        TrainingArtifacts.TrainingModelFile, TrainingArtifacts.EvalModelFile, TrainingArtifacts.OptimizerModelFile,
        TrainingArtifacts.BaseModelFile, TrainingArtifacts.CheckpointFile, TrainingArtifacts.ManifestFile,
    ];

    [Fact]
    public void Frozen_parameters_stay_initializers_and_trainable_ones_become_inputs()
    {
        var artifacts = ArtifactGenerator.Generate(TwoLayers(), new ArtifactOptions { Trainable = TrainableSelection.Matching("head.*") });
        Assert.Equal(["head.weight", "head.bias"], artifacts.Manifest.Trainable.Select(static parameter => parameter.Name));
        Assert.Equal(
            ["body.weight", "body.bias", "head.weight", "head.bias"], artifacts.Manifest.Parameters.Select(static parameter => parameter.Name));
        foreach (var graph in new[] { Graph(artifacts.TrainingModel), Graph(artifacts.EvalModel) })
        {
            Assert.Equal(["x", "labels", "head.weight", "head.bias"], graph.Input.Select(static input => input.Name));
            var initializers = graph.Initializer.Select(static tensor => tensor.Name).ToList();
            Assert.Contains("body.weight", initializers);
            Assert.Contains("body.bias", initializers);
            Assert.DoesNotContain("head.weight", initializers);
            Assert.DoesNotContain("head.bias", initializers);
        }

        Assert.Equal(["loss", "head.weight_grad", "head.bias_grad"], Graph(artifacts.TrainingModel).Output.Select(static output => output.Name));
        Assert.Equal(["loss", "y"], Graph(artifacts.EvalModel).Output.Select(static output => output.Name));
    }

    [Fact]
    public void An_input_that_is_fixed_is_no_parameter()
    {
        var model = new OnnxModel(
            new ModelBuilder().Input("x", Free).Input("state", ElementType.Float, 3).Initializer("w", OrtRun.Random(6), 3, 2)
                .Node("Mul", ["x", "state"], ["scaled"]).Node("MatMul", ["scaled", "w"], ["y"]).Output("y").Build(), "test");
        var options = new ArtifactOptions { Fix = new Dictionary<string, string> { ["state"] = "1,2,3" } };

        var artifacts = ArtifactGenerator.Generate(model, options);

        Assert.Equal(["w"], artifacts.Manifest.Parameters.Select(static parameter => parameter.Name));
    }

    [Fact]
    public void A_model_that_has_a_value_named_loss_gets_another_name_for_its_loss()
    {
        var model = new OnnxModel(
            new ModelBuilder().Input("x", Free).Initializer("w", OrtRun.Random(6), 3, 2).Node("MatMul", ["x", "w"], ["loss"]).Output("loss").Build(), "named");

        var artifacts = ArtifactGenerator.Generate(model);

        Assert.Equal("loss_", artifacts.Manifest.LossOutput);
        Assert.Equal(["loss_", "w_grad"], Graph(artifacts.TrainingModel).Output.Select(static output => output.Name));
        Assert.Equal(["loss_", "loss"], Graph(artifacts.EvalModel).Output.Select(static output => output.Name));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("head.*")]
    [InlineData("body.bias")]
    public void The_emitted_graphs_have_no_unused_nodes_or_initializers(string trainable)
    {
        var artifacts = ArtifactGenerator.Generate(TwoLayers(), new ArtifactOptions { Trainable = TrainableSelection.Matching(trainable) });
        foreach (var graph in new[] { Graph(artifacts.TrainingModel), Graph(artifacts.EvalModel), Graph(artifacts.OptimizerStepModel) })
        {
            var used = graph.Node.SelectMany(static node => node.Input).Concat(graph.Output.Select(static output => output.Name)).ToHashSet();
            Assert.All(graph.Node, node => Assert.Contains(node.Output, used.Contains));
            Assert.All(graph.Initializer, tensor => Assert.Contains(tensor.Name, used));
            Assert.All(graph.Input, input => Assert.Contains(input.Name, used));
        }

        // The loss contains the Softmax, and only the eval model gives the model's own output.
        Assert.DoesNotContain(Graph(artifacts.TrainingModel).Node, static node => node.Output.Contains("y"));
        Assert.Equal(Graph(artifacts.TrainingModel).Node.Count, artifacts.Manifest.TrainingNodes);
    }

    [Fact]
    public void Artifacts_saved_and_loaded_are_the_same()
    {
        using var folder = new TemporaryFolder();
        var saved = ArtifactGenerator.Generate(TwoLayers(), new ArtifactOptions
        {
            Loss = new CrossEntropyLoss { IgnoreIndex = -1 },
            Trainable = TrainableSelection.Matching("!body.weight"),
        });
        saved.Save(folder.File("artifacts"));
        var loaded = TrainingArtifacts.Load(folder.File("artifacts"));

        Assert.Equal(saved.TrainingModel.ToArray(), loaded.TrainingModel.ToArray());
        Assert.Equal(saved.EvalModel.ToArray(), loaded.EvalModel.ToArray());
        Assert.Equal(saved.OptimizerStepModel.ToArray(), loaded.OptimizerStepModel.ToArray());
        Assert.Equal(saved.ReadBaseModel(), loaded.ReadBaseModel());
        Assert.Equal(saved.Initial.ToBytes(), loaded.Initial.ToBytes());
        Assert.Equal((saved.Manifest with { Files = loaded.Manifest.Files }).ToJson(), loaded.Manifest.ToJson());
        Assert.Equal(-1, loaded.Manifest.IgnoreIndex);
        Assert.Equal(FinalActivation.Softmax, loaded.Manifest.FinalActivation);
        Assert.Equal(2, loaded.Manifest.ClassCount);
        Assert.Equal(Dimension.Named("batch"), Assert.Single(loaded.Manifest.Target.Shape));
    }

    [Fact]
    public void A_base_model_that_was_changed_after_loading_is_refused_when_it_is_needed()
    {
        using var folder = Saved();
        var loaded = TrainingArtifacts.Load(folder.Path);
        File.AppendAllText(folder.File(TrainingArtifacts.BaseModelFile), "x");

        var error = Assert.Throws<FineTuningException>(() => loaded.ReadBaseModel());
        Assert.Contains(TrainingArtifacts.BaseModelFile, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_missing_file_is_named(string file)
    {
        using var folder = Saved();
        File.Delete(folder.File(file));
        var error = Assert.Throws<FineTuningException>(() => TrainingArtifacts.Load(folder.Path));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_damaged_file_is_named(string file)
    {
        using var folder = Saved();
        byte[] bytes = File.ReadAllBytes(folder.File(file));
        bytes[bytes.Length / 2] ^= 0x80;
        File.WriteAllBytes(folder.File(file), bytes);
        var error = Assert.Throws<FineTuningException>(() => TrainingArtifacts.Load(folder.Path));
        Assert.Contains(folder.File(file), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_without_a_gradient_are_all_reported_at_once_with_what_can_be_done()
    {
        var model = Load(new ModelBuilder(17).Opset("com.example", 3).Opset("com.microsoft", 1).Input("x", Free)
            .Initializer("w", OrtRun.Random(9), 3, 3).Initializer("s", OrtRun.Random(16), 1, 4, 4)
            .Node("MatMul", ["x", "w"], ["a"])
            .Node("com.microsoft", "Inverse", ["s"], ["inverse"])
            .Node("ReduceMean", ["inverse"], ["mean"], ("keepdims", 0L))
            .Node("Mul", ["a", "mean"], ["b"])
            .Node("Hardmax", ["b"], ["hard"])
            .Node("BitShift", ["shifted", "shifted"], ["moved"], ("direction", "LEFT"))
            .Node("Cast", ["hard"], ["shifted"], ("to", (long)ElementType.UInt8))
            .Node("Transpose", ["b"], ["turned"]).Node("MatMul", ["turned", "b"], ["square"])
            .Node("com.microsoft", "Inverse", ["square"], ["y"])
            .Output("y", "moved"));
        var error = Assert.Throws<UnsupportedOperatorException>(() => ArtifactGenerator.Generate(model));

        // Only what lies between the loss and the weights is in the way, in the order of the graph.
        Assert.Equal(["Inverse", "Inverse"], error.Nodes.Select(static node => node.OperatorType));
        Assert.Equal(["Inverse_inverse", "Inverse_y"], error.Nodes.Select(static node => node.Node));
        Assert.All(error.Nodes, static node => Assert.Equal(17, node.Opset));
        foreach (string part in (string[])["2 nodes", "node 'Inverse_inverse': operator com.microsoft.Inverse, opset 17", "node 'Inverse_y'", "What you can do:", "last layers"])
            Assert.Contains(part, error.Message, StringComparison.Ordinal);

        var report = ArtifactGenerator.Inspect(model);
        Assert.Equal(error.Nodes, report.Unsupported);
        Assert.False(report.CanTrain);
    }

    [Fact]
    public void A_loss_that_depends_on_no_trainable_parameter_is_refused()
    {
        var model = Load(new ModelBuilder().Input("x", Free).Initializer("w", OrtRun.Random(9), 3, 3).Initializer("v", OrtRun.Random(9), 3, 3)
            .Node("MatMul", ["x", "w"], ["a"]).Node("MatMul", ["x", "v"], ["b"]).Output("a", "b"));
        var options = new ArtifactOptions { Output = "a", Trainable = TrainableSelection.Matching("v") };
        var error = Assert.Throws<FineTuningException>(() => ArtifactGenerator.Generate(model, options));
        Assert.Contains("output 'a' depends on none of the parameters to train", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_that_the_loss_does_not_depend_on_do_not_train()
    {
        var model = Load(new ModelBuilder().Input("x", Free).Initializer("w", OrtRun.Random(9), 3, 3).Initializer("v", OrtRun.Random(9), 3, 3)
            .Node("MatMul", ["x", "w"], ["a"]).Node("MatMul", ["x", "v"], ["b"]).Output("a", "b"));
        var artifacts = ArtifactGenerator.Generate(model, new ArtifactOptions { Output = "b" });
        Assert.Equal("v", Assert.Single(artifacts.Manifest.Trainable).Name);
        Assert.Equal(["b", "a"], artifacts.Manifest.Outputs.Select(static output => output.Name));
        Assert.DoesNotContain(Graph(artifacts.TrainingModel).Initializer, static tensor => tensor.Name == "w");
        Assert.Contains(Graph(artifacts.EvalModel).Initializer, static tensor => tensor.Name == "w");
    }

    [Fact]
    public void A_model_without_weights_is_refused()
    {
        var model = Load(new ModelBuilder().Input("x", Free).Node("Neg", ["x"], ["y"]).Output("y"));
        var error = Assert.Throws<FineTuningException>(() => ArtifactGenerator.Generate(model));
        Assert.Contains("no single-precision weights", error.Message, StringComparison.Ordinal);
    }

    private static TemporaryFolder Saved()
    {
        var folder = new TemporaryFolder();
        ArtifactGenerator.Generate(TwoLayers()).Save(folder.Path);
        return folder;
    }

    private static OnnxModel TwoLayers() => Load(new ModelBuilder().Input("x", Free)
        .Initializer("body.weight", OrtRun.Random(12), 3, 4).Initializer("body.bias", OrtRun.Random(4), 4)
        .Initializer("head.weight", OrtRun.Random(8), 4, 2).Initializer("head.bias", OrtRun.Random(2), 2)
        .Node("Gemm", ["x", "body.weight", "body.bias"], ["hidden"]).Node("Relu", ["hidden"], ["active"])
        .Node("Gemm", ["active", "head.weight", "head.bias"], ["logits"]).Node("Softmax", ["logits"], ["y"]).Output("y"));

    private static OnnxModel Load(ModelBuilder model) => OnnxModel.Load(model.ToBytes());

    private static GraphProto Graph(ReadOnlyMemory<byte> model) => ModelProto.Parser.ParseFrom(model.Span).Graph;
}
