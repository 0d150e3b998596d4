using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using static OrtAdaMomentum.Tests.Onnx.ControlFlow.Flow;

namespace OrtAdaMomentum.Tests.Onnx.ControlFlow;

public class LoopTests
{
    [Theory]
    [InlineData(3, new[] { "Mul", "Sin", "Mul", "Sin", "Mul", "Sin" })]
    [InlineData(1, new[] { "Mul", "Sin" })]
    [InlineData(0, new[] { "Identity" })]
    [InlineData(-2, new[] { "Identity" })]
    public void A_carried_value_goes_through_all_iterations(long count, string[] expected)
    {
        ModelBuilder model = Model().Initializer("n", [count])
            .Add(Loop(["n", "", "x"], ["y"], Body(["s"], ["t"], Node("Mul", ["s", "w"], ["h"]), Node("Sin", ["h"], ["t"])))).Output("y");

        ModelProto normal = Static(model);

        Assert.Equal(expected, Operators(normal));
        Assert.Equal(count > 0 ? ["w"] : [], normal.Graph.Initializer.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Weights_in_the_body_stay_one_weight()
    {
        GraphProto body = Body(["s"], ["t"], Node("Mul", ["s", "inside"], ["t"])).With(TensorData.Create("inside", [1f, 2f, 3f], 3));

        ModelProto normal = Static(Model().Initializer("n", [4L]).Add(Loop(["n", "", "x"], ["y"], body)).Output("y"));

        Assert.Equal("inside", Assert.Single(normal.Graph.Initializer).Name);
        Assert.All(normal.Graph.Node, node => Assert.Equal("inside", node.Input[1]));
    }

    [Theory]
    [InlineData(12, 3)]
    [InlineData(21, 3)]
    [InlineData(21, 1)]
    public void What_is_collected_is_stacked(long opset, long count)
    {
        ModelBuilder model = Model(opset).Initializer("n", [count])
            .Add(Loop(["n", "", "x"], ["last", "all"], Body(["s"], ["t", "c"], Node("Mul", ["s", "w"], ["t"]), Node("Exp", ["t"], ["c"])))).Output("all", "last");

        string[] operators = Operators(Static(model));

        Assert.Equal((int)count, operators.Count(type => type == "Exp"));
        Assert.Equal(count > 1 ? 1 : 0, operators.Count(type => type == "Concat"));
    }

    [Fact]
    public void What_no_iteration_collects_is_empty()
    {
        ModelBuilder model = Model().Input("go", ElementType.Bool).Initializer("n", [2L])
            .Add(Loop(["n", "go", "x"], ["last", "all"], Body(["s"], ["t", "c"], Node("Mul", ["s", "w"], ["t"]), Node("Exp", ["x"], ["c"]))), Node("Neg", ["all"], ["y"]))
            .Output("y");

        Assert.Equal(["Neg"], Operators(Static(model, ("go", "false"))));
    }

    [Fact]
    public void The_number_of_the_iteration_can_choose_a_branch()
    {
        GraphProto body = Body(["s"], ["t"],
            Constant("one", TensorData.Scalar("", 1L)),
            Node("Equal", ["i", "one"], ["isSecond"]),
            If("isSecond", ["t"], Graph([], ["r"], Node("Neg", ["s"], ["r"])), Graph([], ["r"], Node("Mul", ["s", "w"], ["r"]))));

        ModelProto normal = Static(Model().Initializer("n", [3L]).Add(Loop(["n", "", "x"], ["y"], body)).Output("y"));

        Assert.Equal(["Mul", "Neg", "Mul"], Operators(normal));
    }

    [Fact]
    public void A_condition_computed_from_counters_ends_the_loop()
    {
        // while (k < 20) k = 2 * k + 1, from 1: 3, 7, 15, 31 in four iterations.
        GraphProto body = Body("go", ["s", "k"], ["t", "m"],
            Node("Sin", ["s"], ["t"]), Node("Mul", ["k", "two"], ["d"]), Node("Add", ["d", "one"], ["m"]), Node("Less", ["m", "end"], ["go"]));
        ModelBuilder model = Model().Initializer("two", [2L]).Initializer("one", [1L]).Initializer("end", [20L]).Initializer("k0", [1L]).Initializer("yes", [true])
            .Add(Loop(["", "yes", "x", "k0"], ["y", "k1"], body)).Output("y", "k1");

        Assert.Equal(4, Operators(Static(model)).Count(type => type == "Sin"));
    }

    [Fact]
    public void A_condition_that_is_false_from_the_start_runs_nothing()
    {
        ModelBuilder model = Model().Input("go", ElementType.Bool).Initializer("n", [5L])
            .Add(Loop(["n", "go", "x"], ["s1"], Body(["s"], ["t"], Node("Sin", ["s"], ["t"]))), Node("Neg", ["s1"], ["y"])).Output("y");

        Assert.Equal(["Neg"], Operators(Static(model, ("go", "false"))));
    }

    [Fact]
    public void The_length_of_an_axis_can_be_the_number_of_iterations()
    {
        // for row in x: h = sin(h * w + row)
        GraphProto body = Body(["s"], ["t", "c"],
            Node("Gather", ["x", "i"], ["row"]), Node("Mul", ["s", "w"], ["a"]), Node("Add", ["a", "row"], ["b"]), Node("Sin", ["b"], ["t"]), Node("Identity", ["t"], ["c"]));
        ModelBuilder model = Model().Initializer("first", [0L])
            .Add(Node("Shape", ["x"], ["shape"]), Node("Gather", ["shape", "first"], ["n"]), Loop(["n", "", "w"], ["last", "y"], body)).Output("y", "last");

        Assert.Equal(2, Operators(Static(model)).Count(type => type == "Sin"));
    }

    [Fact]
    public void Loops_in_loops_and_in_branches_are_written_out()
    {
        GraphProto inner = Body("go2", ["p"], ["q"], Node("Identity", ["c2"], ["go2"]), Node("Mul", ["p", "w"], ["q"]));
        inner.Input[0].Name = "j";
        inner.Input[1].Name = "c2";
        GraphProto body = Body(["s"], ["t"], Loop(["n", "", "s"], ["h"], inner), Node("Sin", ["h"], ["t"]));
        ModelBuilder model = Model().Input("flag", ElementType.Bool).Initializer("n", [2L])
            .Add(If("flag", ["y"], Graph([], ["r"], Loop(["n", "", "x"], ["r"], body)), Graph([], ["r"], Node("Neg", ["x"], ["r"])))).Output("y");

        Assert.Equal(["Mul", "Mul", "Sin", "Mul", "Mul", "Sin"], Operators(Static(model, ("flag", "true"))));
    }

    [Fact]
    public void Values_exchanged_between_iterations_keep_their_order()
    {
        // Fibonacci's step: the new pair is (b, a + b).
        GraphProto body = Body(["a", "b"], ["b1", "sum"], Node("Identity", ["b"], ["b1"]), Node("Add", ["a", "b"], ["sum"]));

        ModelProto normal = Static(Model().Initializer("n", [5L]).Add(Loop(["n", "", "x", "w2"], ["y", "z"], body)).Initializer("w2", OrtRun.Random(6), 2, 3).Output("y", "z"));

        Assert.Equal(5, Operators(normal).Count(type => type == "Add"));
    }

    [Fact]
    public void A_number_of_iterations_that_is_fed_leaves_the_loop()
    {
        ModelProto model = Model().Input("n", ElementType.Int64).Add(Loop(["n", "", "x"], ["y"], Body(["s"], ["t"], Node("Sin", ["s"], ["t"])))).Output("y").Build();

        Assert.Equal(["Loop"], Operators(Normalize(model)));
    }

    [Fact]
    public void A_condition_computed_from_data_leaves_the_loop()
    {
        GraphProto body = Body("go", ["s"], ["t"], Node("Mul", ["s", "w"], ["t"]), Node("ReduceSum", ["t"], ["sum"], ("keepdims", 0L)), Node("Less", ["sum", "end"], ["go"]));
        ModelBuilder model = Model().Initializer("n", [7L]).Initializer("end", [0.5f]).Add(Loop(["n", "", "x"], ["y"], body)).Output("y");

        Assert.Contains("Loop", Operators(Same(model)));
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(long.MaxValue)]
    public void A_loop_that_would_be_too_long_stays_and_is_reported(long count)
    {
        ModelProto model = Model().Initializer("n", [count]).Add(Loop(["n", "", "x"], ["y"], Body(["s"], ["t"], Node("Sin", ["s"], ["t"])))).Output("y").Build();

        ModelProto normal = ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false, MaxNodes = 1000 }, out NormalizationReport report);

        Assert.Equal(["Loop"], Operators(normal));
        Assert.Contains($"stays a loop: {count} iterations of 2 nodes", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_that_never_ends_stays()
    {
        GraphProto body = Body("go", ["s", "k"], ["t", "m"], Node("Sin", ["s"], ["t"]), Node("Add", ["k", "one"], ["m"]), Node("Greater", ["m", "one"], ["go"]));
        ModelProto model = Model().Initializer("one", [1L]).Initializer("yes", [true]).Add(Loop(["", "yes", "x", "one"], ["y", "k1"], body)).Output("y").Build();

        ModelProto normal = ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false, MaxNodes = 1000 }, out NormalizationReport report);

        Assert.Equal(["Loop"], Operators(normal));
        Assert.Contains("more than the 1000", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_by_what_is_around_a_loop_that_stays_is_made_in_it()
    {
        GraphProto body = Body(["s"], ["t"], If("flag", ["t"], Graph([], ["r"], Node("Sin", ["s"], ["r"])), Graph([], ["r"], Node("Neg", ["s"], ["r"]))));
        ModelProto model = Model().Input("flag", ElementType.Bool).Input("n", ElementType.Int64).Add(Loop(["n", "", "x"], ["y"], body)).Output("y").Build();

        ModelProto normal = Normalize(model, ("flag", "true"));

        Assert.Equal(["Identity", "Sin"], Assert.Single(normal.Graph.Node).Attribute[0].G.Node.Select(node => node.OpType));
        OrtRun.AssertClose(
            OrtRun.Run(model, ("x", OrtRun.Random(6), [2, 3]), ("n", new[] { 2L }, []), ("flag", new[] { true }, []))["y"],
            OrtRun.Run(normal, ("x", OrtRun.Random(6), [2, 3]), ("n", new[] { 2L }, []))["y"]);
    }

    /// <summary>A body that goes on as long as it may: inputs i and on, then the carried values.</summary>
    internal static GraphProto Body(string[] states, string[] results, params NodeProto[] nodes) =>
        Body("goOn", states, results, [Node("Identity", ["on"], ["goOn"]), .. nodes]);

    internal static GraphProto Body(string condition, string[] states, string[] results, params NodeProto[] nodes)
    {
        GraphProto body = Graph(["i", "on", .. states], [condition, .. results], nodes);
        body.Input[0] = TensorTypes.ToProto("i", TensorType.Of(ElementType.Int64));
        body.Input[1] = TensorTypes.ToProto("on", TensorType.Of(ElementType.Bool));
        return body;
    }
}
