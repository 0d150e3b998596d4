using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>What the walker does with whole graphs, whatever the rules of single operators are.</summary>
public class DifferentiatorTests
{
    private const ElementType Float = ElementType.Float;

    [Fact]
    public void A_value_used_twice_gets_the_sum_of_its_gradients()
    {
        // x³ + x² in two ways of using x twice: by one node and by several.
        var model = new ModelBuilder().Input("x", Float, 2)
            .Node("Mul", ["x", "x"], ["square"]).Node("Mul", ["square", "x"], ["cube"]).Node("Add", ["cube", "square"], ["sum"]).Build();
        var gradient = Run(model, "sum", ["x"], ("x", new float[] { 2, -1 }, [2]))["x"];
        Assert.Equal([16, 1], gradient.Numbers);
    }

    [Fact]
    public void A_value_used_many_times_is_summed_by_one_node()
    {
        var model = new ModelBuilder().Input("x", Float, 2)
            .Node("Exp", ["x"], ["a"]).Node("Neg", ["x"], ["b"]).Node("Sin", ["x"], ["c"]).Node("Sum", ["a", "b", "c", "x"], ["sum"]).Build();
        var (written, _) = Differentiate(model, "sum", ["x"]);
        Assert.Single(written.Graph.Node, static node => node.OpType == "Sum");
        var gradient = Run(model, "sum", ["x"], ("x", new float[] { 0, 1 }, [2]))["x"];
        Assert.Equal([2, Math.E + Math.Cos(1)], gradient.Numbers, static (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Several_losses_of_one_parameter_add_up()
    {
        // A cross-entropy in the graph on one output and a squared error on another, both of one weight.
        var model = new ModelBuilder().Input("x", Float, 2, 2).Input("w", Float, 2, 3).Initializer("labels", new long[] { 0, 2 }, 2)
            .Node("MatMul", ["x", "w"], ["scores"])
            .Node("SoftmaxCrossEntropyLoss", ["scores", "labels"], ["first"])
            .Node("ReduceSumSquare", ["scores"], ["second"], ("keepdims", 0L))
            .Node("Add", ["first", "second"], ["both"]).Build();
        (string, Array, long[])[] feeds = [("x", OrtRun.Random(4), [2, 2]), ("w", OrtRun.Random(6, seed: 2), [2, 3])];
        double[] Of(string loss) => Run(model, loss, ["w"], feeds)["w"].Numbers;
        Assert.Equal(Of("first").Zip(Of("second"), static (a, b) => a + b), Of("both"), static (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.DoesNotContain(0, Of("first"));
        Assert.DoesNotContain(0, Of("second"));
    }

    [Theory]
    [InlineData("LayerNormalization", new float[] { 1, 1, 1 }, new float[] { 0.5f, 2, -1 })]
    [InlineData("Pow", new float[] { 2 }, new float[] { 3 })]
    public void The_value_that_a_parameter_begins_with_is_not_written_into_gradients(string operatorType, float[] before, float[] after)
    {
        ModelProto Model(float[] parameter) => new ModelBuilder().Input("x", Float, 2, 3)
            .Initializer("parameter", parameter, parameter.Length).Node(operatorType, ["x", "parameter"], ["y"]).Node("Mul", ["y", "x"], ["z"]).Build();
        var trained = Differentiate(Model(before), "z", ["x", "parameter"]).Model;
        var tensor = trained.Graph.Initializer.Single(static initializer => initializer.Name == "parameter");
        trained.Graph.Initializer.Remove(tensor);
        trained.Graph.Initializer.Add(TensorData.Create("parameter", after, after.Length));
        (string, Array, long[]) feed = ("x", new float[] { 1, 2, 4, 3, 0.5f, 2 }, [2, 3]);
        double[] Gradient(ModelProto model) => OrtRun.Run(model, feed)["gradient of x"].Numbers;
        Assert.Equal(Gradient(Differentiate(Model(after), "z", ["x", "parameter"]).Model), Gradient(trained), static (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void A_target_that_the_loss_does_not_depend_on_has_no_gradient()
    {
        var model = new ModelBuilder().Input("x", Float, 2).Input("unused", Float, 2).Input("aside", Float, 2)
            .Node("Exp", ["x"], ["y"]).Node("Exp", ["aside"], ["other"]).Build();
        var (_, gradients) = Differentiate(model, "y", ["x", "unused", "aside"]);
        Assert.Equal(["x"], gradients.Keys);
    }

    [Fact]
    public void Inner_values_can_be_targets()
    {
        var model = new ModelBuilder().Input("x", Float, 2).Node("Exp", ["x"], ["inner"]).Node("Mul", ["inner", "inner"], ["y"]).Build();
        var gradients = Run(model, "y", ["x", "inner"], ("x", new float[] { 0, 0 }, [2]));
        Assert.Equal([2, 2], gradients["inner"].Numbers);
        Assert.Equal([2, 2], gradients["x"].Numbers);
    }

    [Fact]
    public void All_missing_rules_are_named_at_once()
    {
        var model = new ModelBuilder().Opset("com.microsoft", 1).Input("x", Float, 3, 4, 4)
            .Node("Hardmax", ["x"], ["aside"])
            .Node("com.microsoft", "Inverse", ["x"], ["first"])
            .Node("Exp", ["first"], ["middle"])
            .Node("com.microsoft", "Inverse", ["middle"], ["second"]).Build();
        var error = Assert.Throws<UnsupportedOperatorException>(() => Differentiate(model, "second", ["x"], opset: 13));
        Assert.Equal(["Inverse", "Inverse"], error.Nodes.Select(static node => node.OperatorType));
        Assert.All(error.Nodes, static node => Assert.Equal(13, node.Opset));
        Assert.Contains("Inverse_first", error.Message, StringComparison.Ordinal);
        Assert.Contains("Inverse_second", error.Message, StringComparison.Ordinal);
        Assert.Contains("opset 13", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_rule_off_the_way_to_the_loss_does_no_harm()
    {
        var model = new ModelBuilder().Opset("com.microsoft", 1).Input("x", Float, 3, 4, 4).Input("fixed", Float, 3, 4, 4)
            .Node("com.microsoft", "Inverse", ["fixed"], ["constant"])
            .Node("Mul", ["x", "constant"], ["y"])
            .Node("com.microsoft", "Inverse", ["y"], ["aside"]).Build();
        var (_, gradients) = Differentiate(model, "y", ["x"]);
        Assert.Equal(["x"], gradients.Keys);
    }

    [Fact]
    public void Integers_stop_the_gradient()
    {
        var model = new ModelBuilder().Input("x", Float, 2).Input("w", Float, 2)
            .Node("Cast", ["x"], ["whole"], ("to", 7L)).Node("Cast", ["whole"], ["back"], ("to", 1L)).Node("Mul", ["back", "w"], ["y"]).Build();
        var gradients = Run(model, "y", ["x", "w"], ("x", new float[] { 2.5f, -1.5f }, [2]), ("w", new float[] { 1, 1 }, [2]));
        Assert.Equal(["w"], gradients.Keys);
        Assert.Equal([2, -1], gradients["w"].Numbers);
    }

    [Fact]
    public void Stepwise_constant_operators_stop_the_gradient()
    {
        var model = new ModelBuilder().Input("x", Float, 2)
            .Node("Floor", ["x"], ["whole"]).Node("Sub", ["x", "whole"], ["rest"]).Node("Mul", ["rest", "rest"], ["y"]).Build();
        Assert.Equal([1, 0.5], Run(model, "y", ["x"], ("x", new float[] { 2.5f, -1.75f }, [2]))["x"].Numbers);
    }

    [Fact]
    public void An_input_that_only_steers_gets_no_gradient()
    {
        var model = new ModelBuilder().Input("x", Float, 2).Input("rate", Float).Node("Exp", ["rate"], ["r"]).Node("Dropout", ["x", "r"], ["y"]).Build();
        var (_, gradients) = Differentiate(model, "y", ["x", "rate"]);
        Assert.Equal(["x"], gradients.Keys);
    }

    [Fact]
    public void A_parameter_is_followed_through_reshape_transpose_and_gather()
    {
        var model = new ModelBuilder().Input("w", Float, 6).Initializer("shape", [3L, 2], 2).Initializer("rows", [1L, 1, 0], 3)
            .Node("Reshape", ["w", "shape"], ["matrix"]).Node("Transpose", ["matrix"], ["turned"], ("perm", new long[] { 1, 0 }))
            .Node("Gather", ["turned", "rows"], ["picked"]).Node("Mul", ["picked", "picked"], ["y"]).Build();
        var gradient = Run(model, "y", ["w"], ("w", new float[] { 1, 2, 3, 4, 5, 6 }, [6]))["w"];
        Assert.Equal([2, 8, 6, 16, 10, 24], gradient.Numbers);
    }

    [Fact]
    public void Outputs_of_one_node_are_used_differently()
    {
        // One part twice, one once, one not at all.
        var model = new ModelBuilder().Input("x", Float, 6).Node("Split", ["x"], ["a", "b", "c"], ("num_outputs", 3L))
            .Node("Mul", ["a", "c"], ["product"]).Node("Add", ["product", "a"], ["y"]).Build();
        var gradient = Run(model, "y", ["x"], ("x", new float[] { 1, 2, 3, 4, 5, 6 }, [6]))["x"];
        Assert.Equal([6, 7, 0, 0, 1, 2], gradient.Numbers);
    }

    [Fact]
    public void A_value_read_by_a_subgraph_is_reported_and_not_dropped()
    {
        var branch = new GraphProto { Name = "branch" };
        branch.Node.Add(ModelBuilder.MakeNode("", "Exp", ["inner"], ["taken"]));
        branch.Output.Add(new ValueInfoProto { Name = "taken" });
        var model = new ModelBuilder().Input("x", Float, 2).Input("condition", ElementType.Bool)
            .Node("Neg", ["x"], ["inner"])
            .Node("If", ["condition"], ["chosen"], ("then_branch", branch), ("else_branch", branch))
            .Node("Add", ["chosen", "x"], ["y"]).Build();
        var error = Assert.Throws<UnsupportedOperatorException>(() => Differentiate(model, "y", ["x"]));
        Assert.Equal("If", Assert.Single(error.Nodes).OperatorType);
    }

    [Fact]
    public void A_node_inside_a_Scan_that_no_gradient_passes_is_reported()
    {
        var body = new GraphProto { Name = "body" };
        body.Input.Add(new ValueInfoProto { Name = "e" });
        body.Node.Add(ModelBuilder.MakeNode("", "Exp", ["e"], ["f"]));
        body.Output.Add(new ValueInfoProto { Name = "f" });
        var registry = GradientRegistry.Default.With(new GradientRule("Exp", static _ => throw new FineTuningException("no gradient today")));
        var model = new ModelBuilder().Input("x", Float, 2, 3).Node("Scan", ["x"], ["y"], ("body", body), ("num_scan_inputs", 1L)).Build();
        var error = Assert.Throws<UnsupportedOperatorException>(() => Differentiate(model, "y", ["x"], registry: registry));
        Assert.Equal(("Exp", "no gradient today"), (Assert.Single(error.Nodes).OperatorType, error.Nodes[0].Reason));
    }

    [Fact]
    public void A_Scan_that_draws_random_numbers_is_refused()
    {
        var body = new GraphProto { Name = "body" };
        body.Input.Add(new ValueInfoProto { Name = "e" });
        body.Node.Add(ModelBuilder.MakeNode("", "RandomUniformLike", ["e"], ["r"]));
        body.Node.Add(ModelBuilder.MakeNode("", "Mul", ["e", "r"], ["f"]));
        body.Output.Add(new ValueInfoProto { Name = "f" });
        var model = new ModelBuilder().Input("x", Float, 2, 3).Node("Scan", ["x"], ["y"], ("body", body), ("num_scan_inputs", 1L)).Build();
        var error = Assert.Throws<UnsupportedOperatorException>(() => Differentiate(model, "y", ["x"]));
        Assert.Contains("random", Assert.Single(error.Nodes).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_can_be_replaced()
    {
        var registry = GradientRegistry.Default.With(new GradientRule("Round", static node => [node.Gradient]));
        var model = new ModelBuilder().Input("x", Float, 2).Node("Round", ["x"], ["whole"]).Node("Mul", ["whole", "whole"], ["y"]).Build();
        var gradient = Run(model, "y", ["x"], registry, ("x", new float[] { 1.25f, -2.75f }, [2]))["x"];
        Assert.Equal([2, -6], gradient.Numbers);
    }

    [Fact]
    public void Broadcast_gradients_are_summed_at_run_time_where_shapes_are_not_known()
    {
        var free = new TensorType(Float, [Dimension.Named("rows"), Dimension.Named("columns")]);
        var model = new ModelBuilder().Input("x", free).Input("bias", new TensorType(Float, [Dimension.Named("width")]))
            .Node("Add", ["x", "bias"], ["y"]).Build();
        var x = new float[6];
        Assert.Equal([2, 2, 2], Run(model, "y", ["bias"], ("x", x, [2, 3]), ("bias", new float[3], [3]))["bias"].Numbers);
        Assert.Equal([6], Run(model, "y", ["bias"], ("x", x, [2, 3]), ("bias", new float[1], [1]))["bias"].Numbers);
    }

    [Fact]
    public void Repeated_indices_are_summed_exactly_on_several_threads()
    {
        const int rows = 20_000, width = 64;
        var model = new ModelBuilder().Input("table", Float, 3, width).Input("indices", ElementType.Int64, rows)
            .Node("Gather", ["table", "indices"], ["y"]).Build();
        var indices = new long[rows];
        for (int row = 0; row < rows; row++)
            indices[row] = row % 2;
        var (written, _) = Differentiate(model, "y", ["table"]);
        var feeds = new Dictionary<string, (Array, long[])> { ["table"] = (new float[3 * width], [3, width]), ["indices"] = (indices, [rows]) };
        using var session = CaseSession.Open(written, feeds, optimize: true, threads: 4);
        for (int repetition = 0; repetition < 5; repetition++)
        {
            double[] gradient = session.Run()["gradient of table"].Numbers;
            Assert.All(gradient[..(2 * width)], static value => Assert.Equal(rows / 2, value));
            Assert.All(gradient[(2 * width)..], static value => Assert.Equal(0, value));
        }
    }

    private static Dictionary<string, OrtTensor> Run(
        ModelProto model, string loss, string[] targets, params (string, Array, long[])[] feeds) =>
        Run(model, loss, targets, GradientRegistry.Default, feeds);

    private static Dictionary<string, OrtTensor> Run(
        ModelProto model, string loss, string[] targets, GradientRegistry registry, params (string, Array, long[])[] feeds)
    {
        var (written, gradients) = Differentiate(model, loss, targets, registry: registry);
        var outputs = OrtRun.Run(written, feeds);
        return gradients.Keys.ToDictionary(static target => target, target => outputs[$"gradient of {target}"]);
    }

    /// <summary>Differentiates the sum of a value.</summary>
    private static (ModelProto Model, IReadOnlyDictionary<string, SymbolicTensor> Gradients) Differentiate(
        ModelProto model, string loss, string[] targets, long opset = GradientCase.Opset, GradientRegistry? registry = null)
    {
        model = model.Clone();
        var builder = new GraphBuilder(model.Graph, RuntimeTypes.Infer(model));
        var sum = builder.Value(loss).SumAll();
        var gradients = new Differentiator(builder, registry ?? GradientRegistry.Default, opset).Differentiate(sum, targets);
        foreach (var (target, gradient) in gradients)
            builder.AddOutput(gradient, $"gradient of {target}");
        UnusedNodes.Remove(model.Graph);
        return (model, gradients);
    }
}
