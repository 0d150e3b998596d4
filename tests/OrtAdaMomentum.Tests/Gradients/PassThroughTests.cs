using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>Nodes that only pass their input on are not in what is generated.</summary>
public class PassThroughTests
{
    [Fact]
    public void Readers_read_the_source()
    {
        var graph = Simplify(Model().Node("Exp", ["x"], ["a"]).Node("Identity", ["a"], ["b"]).Node("Identity", ["b"], ["c"])
            .Node("Neg", ["c"], ["y"]).Output("y"));
        Assert.Equal([("Exp", "x", "a"), ("Neg", "a", "y")], Nodes(graph));
    }

    [Fact]
    public void A_computed_value_takes_the_name_of_the_output_it_becomes()
    {
        var graph = Simplify(Model().Node("Exp", ["x"], ["a"]).Node("Neg", ["a"], ["b"]).Node("Identity", ["a"], ["y"]).Output("y", "b"));
        Assert.Equal([("Exp", "x", "y"), ("Neg", "y", "b")], Nodes(graph));
    }

    [Fact]
    public void An_alias_follows_a_value_that_takes_another_name()
    {
        var graph = Simplify(Model().Node("Exp", ["x"], ["a"]).Node("Identity", ["a"], ["alias"]).Node("Identity", ["alias"], ["y"])
            .Node("Neg", ["alias"], ["z"]).Output("y", "z"));
        Assert.Equal([("Exp", "x", "y"), ("Neg", "y", "z")], Nodes(graph));
    }

    [Fact]
    public void One_value_under_two_output_names_keeps_one_copy()
    {
        var graph = Simplify(Model().Node("Exp", ["x"], ["a"]).Node("Identity", ["a"], ["y"]).Node("Identity", ["a"], ["z"]).Output("y", "z"));
        Assert.Equal([("Exp", "x", "y"), ("Identity", "y", "z")], Nodes(graph));
    }

    [Fact]
    public void An_input_under_the_name_of_an_output_keeps_its_copy()
    {
        var graph = Simplify(Model().Node("Identity", ["x"], ["y"]).Output("y"));
        Assert.Equal([("Identity", "x", "y")], Nodes(graph));
    }

    [Fact]
    public void Dropout_in_inference_is_passed_by_and_one_that_trains_is_not()
    {
        var graph = Simplify(Model().Node("Exp", ["x"], ["a"]).Node("Dropout", ["a"], ["b"]).Node("Dropout", ["b", "ratio", "training"], ["c"])
            .Node("Neg", ["c"], ["y"]).Output("y"));
        Assert.Equal([("Exp", "x", "a"), ("Dropout", "a", "c"), ("Neg", "c", "y")], Nodes(graph));
    }

    private static ModelBuilder Model() => new ModelBuilder().Input("x", ElementType.Float, 3);

    private static GraphProto Simplify(ModelBuilder builder)
    {
        var graph = builder.Build().Graph;
        PassThroughs.Remove(graph);
        return graph;
    }

    private static IEnumerable<(string, string, string)> Nodes(GraphProto graph) =>
        graph.Node.Select(static node => (node.OpType, node.Input[0], node.Output[0]));
}
