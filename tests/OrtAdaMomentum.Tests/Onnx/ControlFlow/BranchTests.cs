using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using static OrtAdaMomentum.Tests.Onnx.ControlFlow.Flow;

namespace OrtAdaMomentum.Tests.Onnx.ControlFlow;

public class BranchTests
{
    [Theory]
    [InlineData("true", "Relu")]
    [InlineData("false", "Neg")]
    public void A_fixed_input_chooses_the_branch(string flag, string expected)
    {
        ModelBuilder model = Model().Input("flag", ElementType.Bool)
            .Add(If("flag", ["y"], Graph([], ["r"], Node("Relu", ["x"], ["r"])), Graph([], ["r"], Node("Neg", ["x"], ["r"]))))
            .Output("y");

        Assert.Equal([expected], Operators(Static(model, ("flag", flag))));
    }

    [Fact]
    public void A_comparison_of_whose_older_version_the_runtime_knows_no_shape_chooses_the_branch()
    {
        ModelBuilder model = Model(13).Input("sr", ElementType.Int64).Initializer("high", [16000L])
            .Add(
                Node("GreaterOrEqual", ["sr", "high"], ["isHigh"]),
                If("isHigh", ["y"], Graph([], ["r"], Node("Relu", ["x"], ["r"])), Graph([], ["r"], Node("Neg", ["x"], ["r"]))))
            .Output("y");

        Assert.Equal(["Relu"], Operators(Static(model, ("sr", "16000"))));
    }

    [Theory]
    [InlineData("16000", new[] { "Relu" })]
    [InlineData("8000", new[] { "Neg", "Exp" })]
    [InlineData("4000", new[] { "Neg", "Sin" })]
    public void Branches_in_branches_are_chosen_by_what_is_computed_from_a_fixed_input(string rate, string[] expected)
    {
        GraphProto inner = Graph([], ["r"],
            Constant("low", TensorData.Scalar("", 8000L)),
            Node("Neg", ["x"], ["h"]),
            Node("Equal", ["sr", "low"], ["isLow"]),
            If("isLow", ["r"], Graph([], ["q"], Node("Exp", ["h"], ["q"])), Graph([], ["q"], Node("Sin", ["h"], ["q"]))));
        ModelBuilder model = Model().Input("sr", ElementType.Int64).Initializer("high", [16000L])
            .Add(Node("Equal", ["sr", "high"], ["isHigh"]), If("isHigh", ["y"], Graph([], ["r"], Node("Relu", ["x"], ["r"])), inner))
            .Output("y");

        Assert.Equal(expected, Operators(Static(model, ("sr", rate))));
    }

    [Fact]
    public void Weights_of_the_branch_taken_become_weights_of_the_model_and_the_others_go()
    {
        GraphProto then = Graph([], ["r"], Node("MatMul", ["x", "a"], ["r"])).With(TensorData.Create("a", OrtRun.Random(12), 3, 4));
        GraphProto other = Graph([], ["r"], Constant("b", TensorData.Create("", OrtRun.Random(12), 3, 4)), Node("MatMul", ["x", "b"], ["r"]));

        Assert.Equal("a", Assert.Single(Static(Model().Input("flag", ElementType.Bool).Add(If("flag", ["y"], then, other)).Output("y"), ("flag", "true")).Graph.Initializer).Name);
        Assert.Equal("b", Assert.Single(Static(Model().Input("flag", ElementType.Bool).Add(If("flag", ["y"], then, other)).Output("y"), ("flag", "false")).Graph.Initializer).Name);
    }

    [Fact]
    public void The_same_names_in_several_branches_stay_apart()
    {
        GraphProto Branch(string last) => Graph([], ["r"], Node("Mul", ["x", "c"], ["h"]), Node(last, ["h"], ["r"])).With(TensorData.Scalar("c", last.Length + 0.5f));
        ModelBuilder model = Model().Input("flag", ElementType.Bool)
            .Add(If("flag", ["a"], Branch("Sin"), Branch("Relu")), If("flag", ["b"], Branch("Sigmoid"), Branch("Abs")), Node("Add", ["a", "b"], ["y"]))
            .Output("y");

        Assert.Equal(["Mul", "Sin", "Mul", "Sigmoid", "Add"], Operators(Static(model, ("flag", "true"))));
    }

    [Fact]
    public void A_branch_may_hand_on_what_is_around_it_and_give_constants()
    {
        GraphProto then = Graph([], ["p", "q", "s", "t"],
            Node("Identity", ["x"], ["p"]), Constant("q", TensorData.Create("", [1f, 2f, 3f], 3)), Node("Neg", ["x"], ["s"]), Node("Identity", ["w"], ["t"]));
        GraphProto other = Graph([], ["p", "q", "s", "t"],
            Node("Abs", ["x"], ["p"]), Node("Relu", ["w"], ["q"]), Node("Neg", ["x"], ["s"]), Node("Exp", ["w"], ["t"]));
        ModelBuilder model = Model().Input("flag", ElementType.Bool)
            .Add(If("flag", ["a", "b", "unread", "c"], then, other), Node("Add", ["a", "b"], ["h"]), Node("Mul", ["h", "c"], ["y"]))
            .Output("y", "a");

        ModelProto normal = Static(model, ("flag", "true"));

        Assert.Equal(["Identity", "Add", "Mul"], Operators(normal));
        Assert.Equal(["w", "b"], normal.Graph.Initializer.Select(tensor => tensor.Name).Order(StringComparer.Ordinal).Reverse());
    }

    [Theory]
    [InlineData(0, "Squeeze")]
    [InlineData(1, "Neg")]
    [InlineData(-1, "Neg")]
    public void The_length_of_a_fixed_axis_beside_a_free_one_decides(long axis, string expected)
    {
        // x.shape[axis] == 1, as TorchScript asks before it squeezes: [1, batch, 3] has it at 0.
        ModelProto model = new ModelBuilder().Input("x", new TensorType(ElementType.Float, [1, Dimension.Named("batch"), 3]))
            .Initializer("axis", [axis < 0 ? axis : 2 * axis], 1).Initializer("one", [1L], 1).Initializer("zero", [0L], 1)
            .Node("Exp", ["x"], ["h"]).Node("Shape", ["h"], ["shape"]).Node("Gather", ["shape", "axis"], ["extent"]).Node("Equal", ["extent", "one"], ["isOne"])
            .Add(If("isOne", ["y"], Graph([], ["r"], Node("Squeeze", ["h", "zero"], ["r"])), Graph([], ["r"], Node("Neg", ["h"], ["r"]))))
            .Output("y").Build();

        ModelProto normal = Normalize(model);

        Assert.Equal(["Exp", expected], Operators(normal));
        ModelNormalizerTests.AssertSame(model, normal, ("x", OrtRun.Random(6), [1, 2, 3]));
    }

    [Fact]
    public void The_length_of_a_free_axis_decides_once_the_axis_is_fixed()
    {
        ModelProto Make() => new ModelBuilder().Input("x", new TensorType(ElementType.Float, [2, Dimension.Named("time")]))
            .Initializer("axis", [1L]).Initializer("two", [2L])
            .Node("Shape", ["x"], ["shape"]).Node("Gather", ["shape", "axis"], ["extent"]).Node("Greater", ["extent", "two"], ["isLong"])
            .Add(If("isLong", ["y"], Graph([], ["r"], Node("Relu", ["x"], ["r"])), Graph([], ["r"], Node("Neg", ["x"], ["r"]))))
            .Output("y", new TensorType(ElementType.Float, [2, Dimension.Named("time")])).Build();

        Assert.Equal(["Shape", "Gather", "Greater", "If"], Operators(Normalize(Make())));
        Assert.Equal(["Relu"], Operators(Normalize(Make(), ("time", "3"))));
        Assert.Equal(["Relu"], Operators(Normalize(Make(), ("x.1", "3"))));
        ModelProto fixedByPosition = Normalize(Make(), ("x:1", "2"));
        Assert.Equal(["Neg"], Operators(fixedByPosition));
        Assert.Equal("Float[2, 2]", TensorTypes.FromProto(fixedByPosition.Graph.Input[0].Type)!.ToString());
    }

    [Theory]
    [InlineData("tim", "3", "There is no input 'tim' to fix, nor an axis of that name. The inputs are: 'x' [2, time].")]
    [InlineData("x:2", "3", "There is no input 'x:2' to fix")]
    [InlineData("time", "many", "no whole number")]
    [InlineData("x:0", "3", "has the length 2 in the model")]
    public void An_axis_that_cannot_be_fixed_is_explained(string name, string value, string expected)
    {
        ModelProto model = new ModelBuilder().Input("x", new TensorType(ElementType.Float, [2, Dimension.Named("time")])).Node("Relu", ["x"], ["y"]).Output("y").Build();

        Assert.Contains(expected, Assert.Throws<OnnxModelException>(() => Normalize(model, (name, value))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shape_that_only_padding_by_constants_fixes_is_known()
    {
        // PyTorch computes the pads of a constant padding in six nodes, which the runtime does not look through.
        ModelBuilder model = Model().Initializer("half", [0L, 1L], 2).Initializer("axis", [1L]).Initializer("five", [4L])
            .Node("Concat", ["half", "half"], ["pads"], ("axis", 0L)).Node("Pad", ["x", "pads"], ["h"])
            .Node("Shape", ["h"], ["shape"]).Node("Gather", ["shape", "axis"], ["extent"]).Node("Greater", ["extent", "five"], ["isLong"])
            .Add(If("isLong", ["y"], Graph([], ["r"], Node("Relu", ["h"], ["r"])), Graph([], ["r"], Node("Neg", ["h"], ["r"]))))
            .Output("y");

        Assert.Equal(["Concat", "Pad", "Relu"], Operators(Static(model)));
    }

    [Fact]
    public void What_is_computed_from_weights_or_by_chance_decides_nothing()
    {
        GraphProto then = Graph([], ["r"], Node("Relu", ["x"], ["r"])), other = Graph([], ["r"], Node("Neg", ["x"], ["r"]));
        ModelProto byWeight = Same(Model().Initializer("zero", [0f])
            .Add(Node("ReduceSum", ["w"], ["sum"], ("keepdims", 0L)), Node("Greater", ["sum", "zero"], ["positive"]), If("positive", ["y"], then, other)).Output("y"));
        ModelProto byChance = Normalize(Model().Initializer("zero", [0f])
            .Add(Node("RandomNormal", [], ["r0"], ("shape", Array.Empty<long>())), Node("Greater", ["r0", "zero"], ["positive"]), If("positive", ["y"], then, other)).Output("y").Build());

        Assert.Contains("If", Operators(byWeight));
        Assert.Contains("If", Operators(byChance));
    }

    [Fact]
    public void A_constant_choice_inside_one_that_stays_is_made()
    {
        GraphProto then = Graph([], ["r"],
            If("flag", ["h"], Graph([], ["q"], Node("Exp", ["x"], ["q"])), Graph([], ["q"], Node("Sin", ["x"], ["q"]))), Node("Neg", ["h"], ["r"]));
        GraphProto other = Graph([], ["r"], If("flag", ["r"], Graph([], ["q"], Node("Abs", ["x"], ["q"])), Graph([], ["q"], Node("Sin", ["x"], ["q"]))));
        ModelBuilder model = Model().Input("flag", ElementType.Bool)
            .Add(Node("ReduceSum", ["x"], ["sum"], ("keepdims", 0L)), Node("Cast", ["sum"], ["any"], ("to", 9L)), If("any", ["y"], then, other)).Output("y");
        // Results of different shapes keep the outer choice.
        other.Node.Add(Node("Unsqueeze", ["r"], ["wide"]));
        other.Node[^1].Input.Add("zero");
        other.Output[0].Name = "wide";
        model.Initializer("zero", [0L], 1);

        ModelProto normal = Same(model, ("flag", "true"));

        NodeProto stays = Assert.Single(normal.Graph.Node, node => node.OpType == "If");
        Assert.Equal(["Exp", "Neg"], stays.Attribute[0].G.Node.Select(node => node.OpType));
        Assert.Equal(["Abs", "Unsqueeze"], stays.Attribute[1].G.Node.Select(node => node.OpType));
    }

    [Fact]
    public void Of_a_choice_that_the_data_decides_both_branches_are_computed()
    {
        ModelBuilder model = Deciding("x");

        Assert.Equal(["ReduceSum", "Greater", "Mul", "Exp", "Neg", "Where"], Operators(Static(model)));
    }

    [Fact]
    public void Each_sample_goes_its_own_way_once_the_batch_is_free()
    {
        // A second network is asked only where the first one is sure, as wake word models do.
        ModelProto model = new ModelBuilder(13).Input("x", ElementType.Float, 1, 3)
            .Initializer("a", [0.5f, -1.5f, 2f], 3, 1).Initializer("b", [1f, 2f, -1f], 3, 1).Initializer("half", [0.5f])
            .Add(
                Node("MatMul", ["x", "a"], ["ha"]), Node("Sigmoid", ["ha"], ["p"]), Node("GreaterOrEqual", ["p", "half"], ["sure"]),
                If("sure", ["y"],
                    Graph([], ["q"], Node("MatMul", ["x", "b"], ["hb"]), Node("Sigmoid", ["hb"], ["q"])), Graph([], ["same"], Node("Identity", ["p"], ["same"]))))
            .Output("y").Build();

        ModelProto normal = ModelNormalizer.Normalize(model, new NormalizeOptions(), out NormalizationReport report);

        Assert.True(report.BatchIsFree, string.Join(' ', report.Notes));
        float[] sure = [1, 0, 1], unsure = [0, 1, 0];
        float[] apart = [.. OrtRun.Run(model, ("x", sure, [1, 3]))["y"].Floats, .. OrtRun.Run(model, ("x", unsure, [1, 3]))["y"].Floats];
        Assert.Equal(apart, OrtRun.Run(normal, ("x", (float[])[.. sure, .. unsure], [2, 3]))["y"].Floats);
    }

    [Fact]
    public void A_setting_left_open_is_no_choice_of_the_data()
    {
        ModelBuilder model = Deciding("rate").Input("rate", ElementType.Int64);

        Assert.Contains("If", Operators(Normalize(model.Build())));
        Assert.Equal(["Mul", "Exp"], Operators(Normalize(model.Build(), ("rate", "1"))));
    }

    [Fact]
    public void A_choice_inside_a_function_is_made()
    {
        var function = new FunctionProto { Name = "Choose", Domain = "local", Input = { "a", "c" }, Output = { "d" } };
        function.OpsetImport.Add(new OperatorSetIdProto { Version = 21 });
        function.Node.Add(Node("Neg", ["a"], ["h"]));
        function.Node.Add(If("c", ["d"], Graph([], ["r"], Node("Exp", ["h"], ["r"])), Graph([], ["r"], Node("Sin", ["h"], ["r"]))));
        ModelBuilder model = Model().Opset("local", 1).Input("flag", ElementType.Bool)
            .Node("local", "Choose", ["x", "flag"], ["m"]).Node("local", "Choose", ["m", "flag"], ["y"]).Output("y").Function(function);

        Assert.Equal(["Neg", "Exp", "Neg", "Exp"], Operators(Static(model, ("flag", "true"))));
    }

    [Fact]
    public void A_model_without_control_flow_keeps_even_what_nothing_reads()
    {
        ModelProto normal = Normalize(Model().Node("Shape", ["x"], ["unused"]).Node("Identity", ["x"], ["h"]).Node("Mul", ["h", "w"], ["y"]).Output("y").Build());

        Assert.Equal(["Shape", "Identity", "Mul"], Operators(normal));
    }

    private static ModelBuilder Deciding(string by) => Model().Initializer("zero", [0f]).Initializer("none", [0L])
        .Add(
            by == "x" ? Node("ReduceSum", ["x"], ["sum"], ("keepdims", 0L)) : Node("Identity", ["rate"], ["sum"]),
            Node("Greater", ["sum", by == "x" ? "zero" : "none"], ["any"]),
            If("any", ["y"], Graph([], ["r"], Node("Mul", ["x", "w"], ["h"]), Node("Exp", ["h"], ["r"])), Graph([], ["r"], Node("Neg", ["x"], ["r"]))))
        .Output("y");
}
