using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Dropout in training draws another mask in every run: its gradient is compared with the output of the same run.</summary>
public class DropoutGradients
{
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public void A_mode_told_by_a_constant_is_not_asked_for_at_run_time(bool training, int masks)
    {
        var model = new ModelBuilder().Input("x", ElementType.Float, 4).Initializer("ratio", [0.5f]).Initializer(TensorData.Scalar("training", training))
            .Node("Dropout", ["x", "ratio", "training"], ["y"]).Build();
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = graph.Value("y").SumAll();
        var gradients = new Differentiator(graph, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, ["x"]);
        graph.AddOutput(gradients["x"], "dx");
        Assert.Equal(masks, model.Graph.Node.Count(static node => node.OpType == "Where"));
    }

    [Theory]
    [InlineData(0.25f, false)]
    [InlineData(0.75f, true)]
    [InlineData(0.5f, false)]
    public void The_gradient_passes_where_the_same_run_kept_the_element(float ratio, bool toldAtRunTime)
    {
        // x is all ones, so that the output of a run equals the derivative of every element of it.
        var builder = new ModelBuilder().Input("x", ElementType.Float, 8, 16);
        float[] ones = [.. Enumerable.Repeat(1f, 8 * 16)];
        var feeds = new Dictionary<string, (Array Data, long[] Shape)> { ["x"] = (ones, [8, 16]) };
        if (toldAtRunTime)
        {
            builder.Input("ratio", ElementType.Float).Input("training", ElementType.Bool);
            feeds["ratio"] = (new[] { ratio }, []);
            feeds["training"] = (new[] { true }, []);
        }
        else
        {
            builder.Initializer("ratio", [ratio]).Initializer("training", [true]);
        }

        var model = builder.Node("Dropout", ["x", "ratio", "training"], ["y"]).Output("y").Build();
        var graph = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = graph.Value("y").SumAll();
        var gradients = new Differentiator(graph, GradientRegistry.Default, GradientCase.Opset).Differentiate(loss, ["x"]);
        graph.AddOutput(gradients["x"], "dx");
        using var session = CaseSession.Open(model, feeds, optimize: true);

        var outputs = session.Run();
        Assert.Equal(outputs["y"].Floats, outputs["dx"].Floats);
        int kept = outputs["dx"].Floats.Count(static value => value != 0);
        Assert.InRange(kept, 1, 8 * 16 - 1);
    }
}
