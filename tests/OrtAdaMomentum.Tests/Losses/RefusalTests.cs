using Google.Protobuf;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Losses;

/// <summary>Options out of range and models that a loss does not fit are refused with what, where and the value seen.</summary>
public sealed class RefusalTests
{
    private static readonly Dictionary<string, (Loss Loss, string[] Said)> OutOfRange = new()
    {
        ["smoothing below 0"] = (new CrossEntropyLoss { LabelSmoothing = -0.1 }, ["Label smoothing", "-0.1"]),
        ["smoothing of 1"] = (new CrossEntropyLoss { LabelSmoothing = 1 }, ["Label smoothing", "less than 1", "was 1"]),
        ["smoothing that is no number"] = (new CrossEntropyLoss { LabelSmoothing = double.NaN }, ["Label smoothing", "NaN"]),
        ["no class weights"] = (new CrossEntropyLoss { ClassWeights = [] }, ["Class weights"]),
        ["class weight below 0"] = (new CrossEntropyLoss { ClassWeights = [1, -1] }, ["Class weights", "not negative"]),
        ["infinite class weight"] = (new CrossEntropyLoss { ClassWeights = [1, float.PositiveInfinity] }, ["Class weights", "finite"]),
        ["class weights all 0"] = (new CrossEntropyLoss { ClassWeights = [0, 0] }, ["Class weights", "not all zero"]),
        ["ignore index with soft labels"] = (new CrossEntropyLoss { SoftLabels = true, IgnoreIndex = 0 }, ["ignore index", "soft labels"]),
        ["class axis from the front"] = (new CrossEntropyLoss { ClassAxis = 1 }, ["class axis", "from the end", "was 1"]),
        ["positive weight of 0"] = (new BinaryCrossEntropyLoss { PositiveWeight = 0 }, ["positive weight", "above 0", "was 0"]),
        ["infinite positive weight"] = (new BinaryCrossEntropyLoss { PositiveWeight = double.PositiveInfinity }, ["positive weight", "finite"]),
        ["blank below 0"] = (new CtcLoss { Blank = -1 }, ["blank", "was -1"]),
        ["delta of 0"] = (new HuberLoss { Delta = 0 }, ["Delta", "above 0", "was 0"]),
        ["delta below 0"] = (new HuberLoss { Delta = -2 }, ["Delta", "was -2"]),
        ["delta that is no number"] = (new HuberLoss { Delta = double.NaN }, ["Delta", "NaN"]),
    };

    public static TheoryData<string> OptionsOutOfRange => [.. OutOfRange.Keys];

    [Theory]
    [MemberData(nameof(OptionsOutOfRange))]
    public void An_option_out_of_range_is_named_with_its_value(string name)
    {
        var (loss, said) = OutOfRange[name];
        var error = Assert.Throws<FineTuningException>(loss.Validate);
        Assert.All(said, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));

        // Generating checks the options too, before it looks at the model.
        var model = OnnxModel.Load(LossGraph.Ending("Identity", -1, 2, 3).ToByteArray());
        Assert.Equal(error.Message, Assert.Throws<FineTuningException>(() => ArtifactGenerator.Generate(model, new ArtifactOptions { Loss = loss })).Message);
    }

    [Fact]
    public void Options_in_range_pass()
    {
        foreach (string name in LossRegistry.Names)
            LossRegistry.Create(name).Validate();
        new CrossEntropyLoss { LabelSmoothing = 0.99, ClassWeights = [0, 1], IgnoreIndex = -1, ClassAxis = -1 }.Validate();
    }

    [Fact]
    public void A_number_of_class_weights_that_is_not_that_of_the_classes_is_refused() =>
        Refused(() => _ = LossGraph.Build(new CrossEntropyLoss { ClassWeights = [1, 2] }, "Identity", 2, 3), "2 class weights", "3 classes");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_single_class_is_refused_with_the_losses_that_suit_it(bool soft) =>
        Refused(() => _ = LossGraph.Build(new CrossEntropyLoss { SoftLabels = soft }, "Identity", 2, 1), "'y'", "Float[2, 1]", "1 class", "mse", "binary-cross-entropy");

    [Fact]
    public void Classes_of_no_fixed_number_are_refused() =>
        Refused(() => _ = LossGraph.Build(new CrossEntropyLoss(), "Identity", 2, Dimension.Named("classes")), "number of classes", "axis 1", "'y'", "must be fixed");

    [Fact]
    public void An_output_that_is_no_sequence_of_classes_is_refused_for_ctc() =>
        Refused(() => _ = LossGraph.Build(new CtcLoss(), "Identity", 2, 3), "[batch, time, class]", "'y'", "Float[2, 3]");

    [Fact]
    public void A_softmax_over_another_axis_is_refused_for_ctc() =>
        Refused(() => _ = LossGraph.Build(new CtcLoss(), "Softmax", 1, [2, 5, 3]), "classes on its last axis");

    [Fact]
    public void A_blank_that_is_no_class_is_refused() =>
        Refused(() => _ = LossGraph.Build(new CtcLoss { Blank = 3 }, "Identity", 2, 5, 3), "class 3", "3 classes");

    [Fact]
    public void A_class_axis_that_the_output_does_not_have_is_refused() =>
        Refused(() => _ = LossGraph.Build(new CrossEntropyLoss { ClassAxis = -3 }, "Identity", 2, 3), "'y'", "no class axis -3");

    [Theory]
    [InlineData("z")]
    [InlineData("y")]
    [InlineData("hidden")]
    [InlineData("w")]
    public void A_target_named_like_a_value_of_the_model_is_refused(string name)
    {
        var model = new ModelBuilder().Input("z", ElementType.Float, 2, 3).Initializer("w", new float[3], 3)
            .Node("Add", ["z", "w"], ["hidden"]).Node("Neg", ["hidden"], ["y"]).Output("y").Build();
        Refused(() => _ = LossGraph.Build(model, new ArtifactOptions { TargetName = name }), $"named '{name}'", "Give the target another name");
    }

    [Fact]
    public void A_target_without_a_name_is_refused()
    {
        var model = OnnxModel.Load(LossGraph.Ending("Identity", -1, 2, 3).ToByteArray());
        Refused(() => _ = ArtifactGenerator.Generate(model, new ArtifactOptions { TargetName = " " }), "name of the target must not be empty");
    }

    [Fact]
    public void An_output_that_the_model_does_not_have_is_refused_with_those_that_it_has()
    {
        var model = new ModelBuilder().Input("z", ElementType.Float, 2, 3).Node("Neg", ["z"], ["a"]).Node("Exp", ["z"], ["b"]).Output("a", "b").Build();
        Refused(() => _ = LossGraph.Build(model, new ArtifactOptions { Output = "c" }), "no output 'c'", "Outputs: a, b");
    }

    [Fact]
    public void The_loss_goes_to_the_output_asked_for()
    {
        var model = new ModelBuilder().Input("z", ElementType.Float, 2, 3).Node("Neg", ["z"], ["a"]).Node("Exp", ["z"], ["b"]).Output("a", "b").Build();
        var graph = LossGraph.Build(model, new ArtifactOptions { Output = "b" });
        Assert.Equal("b", graph.Attached.Output);
        Assert.DoesNotContain(graph.Model.Graph.Node, static node => node.Output.Contains("a"));
    }

    [Fact]
    public void An_output_that_is_no_floating_point_tensor_is_refused()
    {
        var model = new ModelBuilder().Input("z", ElementType.Float, 2, 3).Node("ArgMax", ["z"], ["y"], ("axis", 1)).Output("y").Build();
        Refused(() => _ = LossGraph.Build(model, new ArtifactOptions()), "'y'", "Choose another output");
    }

    [Fact]
    public void A_name_that_no_loss_has_is_refused_with_those_there_are() =>
        Refused(() => _ = LossRegistry.Create("hinge"), "'hinge'", string.Join(", ", LossRegistry.Names));

    private static void Refused(Action action, params string[] said)
    {
        var error = Assert.Throws<FineTuningException>(action);
        Assert.All(said, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
