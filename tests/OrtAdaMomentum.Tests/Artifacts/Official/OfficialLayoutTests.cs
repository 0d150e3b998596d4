using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tests.Training;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>What artifacts of the official layout hold, and what is refused.</summary>
public sealed class OfficialLayoutTests
{
    [Fact]
    public void Inputs_and_outputs_of_the_training_model_are_those_of_the_official_generator_in_its_order()
    {
        var graph = Graph(Generate(new()).TrainingModel);
        Assert.Equal(
            ["x", "labels", "body.weight", "body.bias", "head.weight", "head.bias", "body.weight_grad.accumulation.buffer", "head.bias_grad.accumulation.buffer", "lazy_reset_grad"],
            graph.Input.Select(static input => input.Name));
        Assert.Equal(
            ["loss", "body.weight_grad.accumulation.out", "head.bias_grad.accumulation.out"], graph.Output.Select(static output => output.Name));
        var accumulators = graph.Node.Where(static node => node.OpType == "InPlaceAccumulatorV2").OrderBy(static node => node.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(
            [["body.weight_grad.accumulation.buffer", "body.weight_grad", "lazy_reset_grad"], ["head.bias_grad.accumulation.buffer", "head.bias_grad", "lazy_reset_grad"]],
            accumulators.Select(static node => node.Input.ToArray()));
    }

    [Fact]
    public void Everything_but_the_tail_is_what_the_stock_layout_has()
    {
        var options = new ArtifactOptions { Trainable = TrainableSelection.Matching("body.weight", "head.bias") };
        var stock = Graph(ArtifactGenerator.Generate(TinyTask.Classifier(), options).TrainingModel);
        var official = Graph(Generate(new()).TrainingModel);
        Assert.Equal(
            stock.Node.Select(static node => node.ToString()).Order(StringComparer.Ordinal),
            official.Node.Where(static node => node.OpType != "InPlaceAccumulatorV2").Select(static node => node.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_graph_is_one_that_the_last_official_runtime_can_read()
    {
        var artifacts = Generate(new());
        foreach (var bytes in new[] { artifacts.TrainingModel, artifacts.EvalModel, artifacts.OptimizerStepModel })
        {
            var model = ModelProto.Parser.ParseFrom(bytes.Span);
            Assert.InRange(model.IrVersion, 7, 10);
            var imports = OnnxDomains.Imports(model.OpsetImport);
            Assert.InRange(imports[""], 14, 21);
            Assert.Equal(1, imports["com.microsoft"]);
        }
    }

    [Fact]
    public void The_eval_model_declares_the_same_parameters_in_the_same_order()
    {
        var artifacts = Generate(new());
        string[] names = ["body.weight", "body.bias", "head.weight", "head.bias"];
        Assert.Equal(names, Graph(artifacts.EvalModel).Input.Skip(2).Select(static input => input.Name));
        Assert.Equal(["loss", "probabilities"], Graph(artifacts.EvalModel).Output.Select(static output => output.Name));
    }

    [Fact]
    public void Raw_gradients_and_outputs_of_the_model_come_behind_the_loss()
    {
        var graph = Graph(Generate(new() { RawGradients = true, TrainingOutputs = ["probabilities"] }).TrainingModel);
        Assert.Equal(
            ["loss", "probabilities", "grad::body.weight", "grad::head.bias"], graph.Output.Select(static output => output.Name).Take(4));
    }

    [Theory]
    [InlineData(OfficialOptimizer.AdamW, "AdamWOptimizer", 6)]
    [InlineData(OfficialOptimizer.Sgd, "SGDOptimizerV2", 5)]
    public void The_optimizer_model_has_the_inputs_that_the_runtime_asks_for(OfficialOptimizer optimizer, string operatorType, int count)
    {
        string[] names = ["learning_rate", "step", "params", "gradients", "first_order_moments", "second_order_moments"];
        var graph = Graph(Generate(new() { Optimizer = optimizer }).OptimizerStepModel);
        Assert.Equal(names.Take(count), graph.Input.Select(static input => input.Name));
        Assert.Equal(operatorType, Assert.Single(graph.Node).OpType);
    }

    [Fact]
    public void The_optimizer_model_holds_the_options_of_AdamW()
    {
        var options = new OfficialLayoutOptions { AdamW = new() { Beta1 = 0.8, Beta2 = 0.99, Epsilon = 1e-5, WeightDecay = 0.125 }, MaximumGradientNorm = 2 };
        var graph = Graph(Generate(options).OptimizerStepModel);
        Assert.Equal(["InplaceClipGradNorm", "AdamWOptimizer"], graph.Node.Select(static node => node.OpType));
        Assert.Equal(2f, graph.Node[0].FloatOr("max_norm", 0));
        Assert.Equal(graph.Node[0].Output[0], graph.Node[1].Input[3]);
        (string, float)[] expected = [("alpha", 0.8f), ("beta", 0.99f), ("epsilon", 1e-5f), ("weight_decay", 0.125f)];
        Assert.All(expected, pair => Assert.Equal(pair.Item2, graph.Node[1].FloatOr(pair.Item1, 0)));
    }

    [Fact]
    public void The_checkpoint_holds_all_parameters_and_the_nominal_one_their_names()
    {
        using var folder = new TemporaryFolder();
        var artifacts = Generate(new() { NominalCheckpoint = true, Prefix = "tiny-" });
        artifacts.Save(folder.Path);
        var checkpoint = OfficialCheckpoint.Load(folder.File("tiny-checkpoint"));
        Assert.Equal(["body.weight", "head.bias"], checkpoint.TrainableParameters.Select(static tensor => tensor.Name));
        Assert.Equal(["body.bias", "head.weight"], checkpoint.FrozenParameters.Select(static tensor => tensor.Name));
        var weight = TinyTask.Classifier().Proto.Graph.Initializer.Single(static tensor => tensor.Name == "head.weight");
        Assert.Equal(TensorData.ToFloats(weight), checkpoint.FrozenParameters[1].ToSingles());
        Assert.Equal([8, 3], checkpoint.FrozenParameters[1].Shape);

        var nominal = OfficialCheckpoint.Load(folder.File("tiny-nominal_checkpoint"));
        Assert.True(nominal.IsNominal);
        Assert.Equal(["body.weight", "head.bias"], nominal.TrainableParameters.Select(static tensor => tensor.Name));
        Assert.All(nominal.FrozenParameters, static tensor => Assert.Equal(0, tensor.Data.Length + tensor.Shape.Count));
    }

    [Fact]
    public void Artifacts_saved_and_loaded_are_the_same()
    {
        using var folder = new TemporaryFolder();
        var saved = Generate(new() { NominalCheckpoint = true, Prefix = "tiny-" });
        saved.Save(folder.Path);
        var loaded = TrainingArtifacts.Load(folder.Path, "tiny-");
        Assert.Equal("official", loaded.Manifest.Layout);
        Assert.Equal(saved.TrainingModel.ToArray(), loaded.TrainingModel.ToArray());
        Assert.Equal(saved.OfficialCheckpoint!.ToBytes(), loaded.OfficialCheckpoint!.ToBytes());
        Assert.Equal(saved.Initial.ToBytes(), loaded.Initial.ToBytes());
        loaded.Save(folder.File("again"));
        Assert.Equal(
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Directory.GetFiles(folder.File("again")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("cnn_bn_train.onnx", "ConvGrad", "ReluGrad")]
    [InlineData("transformer_block.onnx", "LayerNormalizationGrad", "SoftmaxGrad_13")]
    [InlineData("embedding_text.onnx", "GatherGrad")]
    public void Official_operators_are_used_where_they_are_asked_for(string file, params string[] expected)
    {
        var model = OnnxModel.Load(TestFiles.Model(file));
        var options = new ArtifactOptions { Layout = ArtifactLayout.Official, Official = new() { Kernels = OfficialKernelUse.On }, Loss = new MeanSquaredErrorLoss() };
        var operators = Graph(ArtifactGenerator.Generate(model, options).TrainingModel).Node.Select(static node => node.OpType).ToHashSet();
        Assert.All(expected, name => Assert.Contains(name, operators));
        var ordinary = Graph(ArtifactGenerator.Generate(model, options with { Official = new() }).TrainingModel).Node.Select(static node => node.OpType).ToHashSet();
        Assert.All(expected, name => Assert.DoesNotContain(name, ordinary));
    }

    [Theory]
    [InlineData("x_grad")]
    [InlineData("lazy_reset_grad")]
    [InlineData("x_grad.accumulation.out")]
    public void An_input_that_the_runtime_would_take_for_its_own_is_refused(string name)
    {
        var model = new OnnxModel(
            new ModelBuilder().Input(name, new TensorType(ElementType.Float, [Dimension.Named("batch"), 3])).Initializer("w", OrtRun.Random(6), 3, 2)
                .Node("MatMul", [name, "w"], ["y"]).Output("y").Build(),
            "named.onnx");
        var error = Assert.Throws<FineTuningException>(() => ArtifactGenerator.Generate(model, new() { Layout = ArtifactLayout.Official }));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("named.onnx", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("a\\b")]
    public void A_prefix_that_leads_elsewhere_is_refused(string prefix) => Assert.Throws<FineTuningException>(() => Generate(new() { Prefix = prefix }));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_largest_norm_that_is_none_is_refused(double norm) =>
        Assert.Throws<FineTuningException>(() => Generate(new() { MaximumGradientNorm = norm }));

    [Fact]
    public void A_training_output_that_the_model_does_not_have_is_refused()
    {
        var error = Assert.Throws<FineTuningException>(() => Generate(new() { TrainingOutputs = ["logits"] }));
        Assert.Contains("'logits'", error.Message, StringComparison.Ordinal);
        Assert.Contains("probabilities", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_of_the_stock_runtime_refuses_them()
    {
        var error = Assert.Throws<FineTuningException>(() => new FineTuningSession(Generate(new())));
        Assert.Contains("official", error.Message, StringComparison.Ordinal);
    }

    private static TrainingArtifacts Generate(OfficialLayoutOptions options) => ArtifactGenerator.Generate(TinyTask.Classifier(), new ArtifactOptions
    {
        Trainable = TrainableSelection.Matching("body.weight", "head.bias"), Layout = ArtifactLayout.Official, Official = options,
    });

    private static GraphProto Graph(ReadOnlyMemory<byte> model) => ModelProto.Parser.ParseFrom(model.Span).Graph;
}
