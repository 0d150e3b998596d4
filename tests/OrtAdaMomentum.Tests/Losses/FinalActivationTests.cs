using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Losses;

/// <summary>The activation that ends a model is taken off for losses that contain it, and for no others.</summary>
public sealed class FinalActivationTests
{
    private static readonly string[] Activations = ["Softmax", "LogSoftmax", "Sigmoid"];

    public static TheoryData<string, string> EveryLossAndActivation =>
        [.. LossRegistry.Names.SelectMany(_ => Activations, static (loss, activation) => (loss, activation))];

    [Theory]
    [MemberData(nameof(EveryLossAndActivation))]
    public void The_activation_goes_exactly_where_the_loss_contains_it(string name, string activation)
    {
        var loss = LossRegistry.Create(name);
        Dimension[] shape = loss is CtcLoss ? [2, 5, 3] : [2, 3];
        var attached = LossGraph.Build(loss, activation, shape);
        var bare = LossGraph.Build(loss, "Identity", shape);
        Assert.Equal(activation, attached.Attached.Activation.ToString());
        Assert.Equal(FinalActivation.None, bare.Attached.Activation);
        if (loss.StableUnder.Contains(attached.Attached.Activation))
            Assert.Equal(bare.Model.Graph.Node.Count(static node => node.OpType != "Identity"), attached.Model.Graph.Node.Count(static node => node.OpType != "Identity"));
        else
            Assert.Contains(attached.Model.Graph.Node, node => node.OpType == activation && node.Output[0] == "y");
    }

    [Theory]
    [InlineData("cross-entropy", "Sigmoid", "binary-cross-entropy")]
    [InlineData("binary-cross-entropy", "Softmax", "cross-entropy, soft-cross-entropy")]
    public void A_loss_of_scores_on_what_another_activation_made_of_them_is_noted_with_those_that_suit(string name, string activation, string suitable)
    {
        string note = Assert.Single(LossGraph.Build(LossRegistry.Create(name), activation, 2, 3).Attached.Notes);
        Assert.StartsWith($"The output 'y' ends in {activation}, and {name} takes its values for scores", note, StringComparison.Ordinal);
        Assert.EndsWith($"Losses for such an output: {suitable}.", note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cross-entropy", "Softmax")]
    [InlineData("cross-entropy", "Identity")]
    [InlineData("mse", "Sigmoid")]
    public void A_loss_that_suits_the_output_is_not_noted(string name, string activation) =>
        Assert.Empty(LossGraph.Build(LossRegistry.Create(name), activation, 2, 3).Attached.Notes);

    [Theory]
    [InlineData(1, -2)]
    [InlineData(2, -1)]
    [InlineData(-2, -2)]
    [InlineData(-1, -1)]
    public void The_classes_lie_on_the_axis_of_the_activation(int axis, int fromEnd)
    {
        var attached = LossGraph.Build(new CrossEntropyLoss(), "Softmax", axis, [Dimension.Named("batch"), 3, 5]).Attached;
        Assert.Equal(fromEnd, attached.ClassAxis);
        Assert.Equal(fromEnd == -2 ? 3 : 5, attached.ClassCount);
        Assert.Equal([Dimension.Named("batch"), fromEnd == -2 ? 5 : 3], attached.Target.Shape);
        Assert.Equal(ElementType.Int64, attached.Target.ElementType);
    }

    [Fact]
    public void Without_an_activation_the_classes_lie_on_the_last_axis_or_on_the_one_asked_for()
    {
        Assert.Equal(5, LossGraph.Build(new CrossEntropyLoss(), "Identity", 2, 3, 5).Attached.ClassCount);
        Assert.Equal(3, LossGraph.Build(new CrossEntropyLoss { ClassAxis = -2 }, "Identity", 2, 3, 5).Attached.ClassCount);
    }

    [Fact]
    public void A_copy_after_the_activation_is_looked_through()
    {
        var model = new ModelBuilder().Input("z", ElementType.Float, 2, 3)
            .Node("Softmax", ["z"], ["p"]).Node("Identity", ["p"], ["y"]).Output("y").Build();
        var graph = LossGraph.Build(model, new ArtifactOptions());
        Assert.Equal(FinalActivation.Softmax, graph.Attached.Activation);
        Assert.DoesNotContain(graph.Model.Graph.Node, static node => node.Output.Contains("p") || node.Output.Contains("y"));
    }

    [Fact]
    public void An_activation_that_does_not_end_the_model_stays()
    {
        var model = new ModelBuilder().Input("z", ElementType.Float, 2, 3)
            .Node("Softmax", ["z"], ["p"]).Node("Neg", ["p"], ["y"]).Output("y").Build();
        var graph = LossGraph.Build(model, new ArtifactOptions());
        Assert.Equal(FinalActivation.None, graph.Attached.Activation);
        Assert.Contains("Softmax", graph.Operators);
    }

    [Fact]
    public void A_class_axis_other_than_the_activations_is_refused()
    {
        var error = Assert.Throws<FineTuningException>(() => LossGraph.Build(new CrossEntropyLoss { ClassAxis = -2 }, "Softmax", 2, 3, 5));
        Assert.Contains("class axis is -2", error.Message, StringComparison.Ordinal);
        Assert.Contains("Softmax that ends the model is over axis -1", error.Message, StringComparison.Ordinal);
    }
}
