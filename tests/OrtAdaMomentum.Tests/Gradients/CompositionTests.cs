using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Operators that are written out with others before they are differentiated.</summary>
public class CompositionTests
{
    private const ElementType Float = ElementType.Float;

    private static readonly GradientRegistry Registry = GradientRegistry.Default.With(new Composition("Softplus", static node =>
    [
        (node.Input(0).Exp() + 1).Log(),
    ]));

    [Fact]
    public void A_node_that_a_gradient_passes_is_written_out_under_its_names()
    {
        var model = new ModelBuilder().Input("x", Float, 3)
            .Node("Neg", ["x"], ["minus"]).Node("Softplus", ["minus"], ["y"]).Node("Neg", ["y"], ["z"]).Build();
        Differentiate(model, "z", ["x"]);
        Assert.DoesNotContain(model.Graph.Node, static node => node.OpType == "Softplus");
        Assert.Equal("Log", Assert.Single(model.Graph.Node, static node => node.Output.Contains("y")).OpType);
        Assert.Equal(["Neg", "Exp", "Add", "Log", "Neg"], model.Graph.Node.Take(5).Select(static node => node.OpType));
    }

    [Fact]
    public void The_gradient_follows_from_the_parts()
    {
        var model = new ModelBuilder().Input("x", Float, 3).Node("Softplus", ["x"], ["y"]).Build();
        var gradient = Differentiate(model, "y", ["x"]);
        double[] x = [-1, 0, 2];
        var result = OrtRun.Run(model, ("x", Array.ConvertAll(x, static value => (float)value), [3]))[gradient["x"]];
        Assert.Equal(x.Select(static value => 1 / (1 + Math.Exp(-value))), result.Numbers, static (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void A_node_beside_the_way_stays_as_it_is()
    {
        var model = new ModelBuilder().Input("x", Float, 3).Input("fixed", Float, 3)
            .Node("Softplus", ["fixed"], ["scale"]).Node("Mul", ["x", "scale"], ["y"]).Build();
        Differentiate(model, "y", ["x"]);
        Assert.Single(model.Graph.Node, static node => node.OpType == "Softplus");
    }

    [Fact]
    public void A_composition_shares_what_the_model_computes_before_it_and_not_what_comes_later()
    {
        var model = new ModelBuilder().Input("x", Float, 3)
            .Node("Exp", ["x"], ["before"]).Node("Softplus", ["x"], ["first"])
            .Node("Softplus", ["first"], ["second"]).Node("Exp", ["first"], ["after"])
            .Node("Sum", ["before", "second", "after"], ["y"]).Build();
        Differentiate(model, "y", ["x"]);
        Assert.Equal(3, model.Graph.Node.Count(static node => node.OpType == "Exp"));
        OrtRun.Run(model, ("x", new float[3], [3]));
    }

    [Fact]
    public void A_composition_that_gives_its_input_back_keeps_the_name_of_the_output()
    {
        var registry = Registry.With(new Composition("Dropout", static node => [node.Input(0)]));
        var model = new ModelBuilder().Input("x", Float, 3).Node("Dropout", ["x"], ["y"]).Node("Exp", ["y"], ["z"]).Build();
        Differentiate(model, "z", ["x"], registry);
        Assert.Equal("Identity", Assert.Single(model.Graph.Node, static node => node.Output.Contains("y")).OpType);
    }

    [Fact]
    public void A_composition_that_cannot_be_written_is_reported_with_the_node()
    {
        var registry = Registry.With(new Composition("Softsign", static _ => throw new FineTuningException("the mode 'odd' has no formula")));
        var model = new ModelBuilder().Input("x", Float, 3).Node("Softsign", ["x"], ["y"]).Build();
        var error = Assert.Throws<UnsupportedOperatorException>(() => Differentiate(model, "y", ["x"], registry));
        Assert.Equal("Softsign", Assert.Single(error.Nodes).OperatorType);
        Assert.Contains("the mode 'odd' has no formula", error.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Differentiate(ModelProto model, string output, string[] targets, GradientRegistry? registry = null)
    {
        var builder = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var loss = builder.Value(output).SumAll();
        var gradients = new Differentiator(builder, registry ?? Registry, 21).Differentiate(loss, targets);
        foreach (var (target, gradient) in gradients)
            builder.AddOutput(gradient, "d" + target);
        return gradients.Keys.ToDictionary(static target => target, static target => "d" + target);
    }
}
