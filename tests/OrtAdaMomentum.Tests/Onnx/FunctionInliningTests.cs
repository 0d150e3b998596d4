using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

public class FunctionInliningTests
{
    private static readonly NormalizeOptions Fixed = new() { FreeBatch = false };

    [Fact]
    public void Nested_functions_with_attributes_are_inlined()
    {
        ModelProto model = Model(
            Function("Inner", ["a"], ["b"], Reference(ModelBuilder.MakeNode("", "LeakyRelu", ["a"], ["b"]), "alpha", "slope", Kind.Float)),
            Function("Outer", ["a"], ["c"],
                Reference(ModelBuilder.MakeNode("local", "Inner", ["a"], ["h"]), "slope", "slope", Kind.Float),
                ModelBuilder.MakeNode("local", "Inner", ["h"], ["c"], ("slope", 0.5f))));

        ModelProto normal = Inlined(model);

        Assert.Equal([0.25f, 0.5f], normal.Graph.Node.Where(node => node.OpType == "LeakyRelu").Select(node => node.FloatOr("alpha", 0)));
        ModelNormalizerTests.AssertSame(model, normal, ("x", OrtRun.Random(6), [2, 3]));
    }

    [Fact]
    public void A_default_is_used_where_the_caller_gives_nothing()
    {
        FunctionProto function = Function("Outer", ["a"], ["c"],
            Reference(ModelBuilder.MakeNode("", "LeakyRelu", ["a"], ["c"]), "alpha", "other", Kind.Float));
        function.AttributeProto.Add(ModelBuilder.MakeAttribute("other", 0.75f));
        ModelProto model = Model(function);

        ModelProto normal = Inlined(model);

        Assert.Equal(0.75f, Assert.Single(normal.Graph.Node, node => node.OpType == "LeakyRelu").FloatOr("alpha", 0));
    }

    [Fact]
    public void An_input_handed_on_as_output_is_copied()
    {
        ModelProto model = new ModelBuilder().Opset("local", 1)
            .Input("x", ElementType.Float, 2, 3)
            .Node("local", "Both", ["x"], ["y", "z"])
            .Output("y", "z")
            .Function(Function("Both", ["a"], ["a", "b"], ModelBuilder.MakeNode("", "Relu", ["a"], ["b"])))
            .Build();

        ModelProto normal = Inlined(model);

        float[] x = OrtRun.Random(6);
        Assert.Equal(x, OrtRun.Run(normal, ("x", x, [2, 3]))["y"].Floats);
    }

    [Fact]
    public void Names_inside_branches_of_a_function_stay_apart()
    {
        GraphProto then = Branch("r", ModelBuilder.MakeNode("", "Neg", ["h"], ["r"]));
        GraphProto other = Branch("r", ModelBuilder.MakeNode("", "Exp", ["h"], ["r"]));
        ModelProto model = new ModelBuilder().Opset("local", 1)
            .Input("x", ElementType.Float, 2, 3)
            .Node("ReduceSum", ["x"], ["sum"], ("keepdims", 0L))
            .Node("Cast", ["sum"], ["flag"], ("to", (long)ElementType.Bool))
            .Node("local", "Choose", ["x", "flag"], ["m"])
            .Node("local", "Choose", ["m", "flag"], ["y"])
            .Output("y")
            .Function(Function("Choose", ["a", "c"], ["d"],
                ModelBuilder.MakeNode("", "Relu", ["a"], ["h"]),
                ModelBuilder.MakeNode("", "If", ["c"], ["d"], ("then_branch", then), ("else_branch", other))))
            .Build();

        ModelNormalizerTests.AssertSame(model, Inlined(model), ("x", OrtRun.Random(6), [2, 3]));
    }

    [Fact]
    public void A_function_in_another_version_is_converted_from_that_version()
    {
        FunctionProto function = Function("Outer", ["a"], ["c"], ModelBuilder.MakeNode("", "Softmax", ["a"], ["c"], ("axis", 0L)));
        function.OpsetImport[0].Version = 11;
        ModelProto model = Model(function);

        OrtTensor y = OrtRun.Run(ModelNormalizer.Normalize(model, Fixed), ("x", OrtRun.Random(6), [2, 3]))["y"];

        // Version 11 flattens from axis 0 on: all six elements together sum to one.
        Assert.Equal(1, y.Numbers.Sum(), 1e-5);
    }

    [Fact]
    public void Functions_of_one_name_are_told_apart_by_their_overload()
    {
        FunctionProto sine = Function("Wave", ["a"], ["c"], ModelBuilder.MakeNode("", "Sin", ["a"], ["c"]));
        FunctionProto cosine = Function("Wave", ["a"], ["c"], ModelBuilder.MakeNode("", "Cos", ["a"], ["c"]));
        sine.Overload = "sine";
        cosine.Overload = "cosine";
        NodeProto call = ModelBuilder.MakeNode("local", "Wave", ["a"], ["c"]);
        call.Overload = "cosine";
        ModelProto model = Model(sine, cosine, Function("Outer", ["a"], ["c"], call));

        Assert.Equal("Cos", Assert.Single(Inlined(model).Graph.Node).OpType);
    }

    [Fact]
    public void A_default_goes_through_a_call_that_hands_on_nothing()
    {
        FunctionProto inner = Function("Inner", ["a"], ["b"], Reference(ModelBuilder.MakeNode("", "LeakyRelu", ["a"], ["b"]), "alpha", "leak", Kind.Float));
        inner.AttributeProto.Add(ModelBuilder.MakeAttribute("leak", 0.75f));
        FunctionProto outer = Function("Outer", ["a"], ["c"],
            Reference(ModelBuilder.MakeNode("local", "Inner", ["a"], ["c"]), "leak", "absent", Kind.Float));
        outer.Attribute.Add("absent");

        Assert.Equal(0.75f, Assert.Single(Inlined(Model(inner, outer)).Graph.Node).FloatOr("alpha", 0));
    }

    [Fact]
    public void Attributes_reach_graphs_inside_a_function_and_constants()
    {
        NodeProto constant = Reference(new NodeProto { OpType = "Constant", Name = "c", Output = { "s" } }, "value_float", "slope", Kind.Float);
        NodeProto leaky = Reference(ModelBuilder.MakeNode("", "LeakyRelu", ["a"], ["r"]), "alpha", "slope", Kind.Float);
        ModelProto model = Model(Function("Outer", ["a"], ["c"],
            constant,
            ModelBuilder.MakeNode("", "ReduceSum", ["a"], ["sum"], ("keepdims", 0L)),
            ModelBuilder.MakeNode("", "Greater", ["sum", "s"], ["big"]),
            ModelBuilder.MakeNode("", "If", ["big"], ["c"], ("then_branch", Branch("r", leaky)), ("else_branch", Branch("r", ModelBuilder.MakeNode("", "Mul", ["a", "s"], ["r"]))))));

        ModelProto normal = Inlined(model);

        Assert.Equal(0.25f, TensorData.ToFloats(Assert.Single(normal.Graph.Initializer))[0]);
        ModelNormalizerTests.AssertSame(model, normal, ("x", OrtRun.Random(6), [2, 3]));
        ModelNormalizerTests.AssertSame(model, normal, ("x", [1, 1, 1, 1, 1, 1], [2, 3]));
    }

    [Fact]
    public void Functions_called_in_branches_and_loops_are_inlined_there()
    {
        FunctionProto wave = Function("Outer", ["a"], ["c"], ModelBuilder.MakeNode("", "Sin", ["a"], ["h"]), ModelBuilder.MakeNode("", "Exp", ["h"], ["c"]));
        var body = new GraphProto { Name = "body", Node = { ModelBuilder.MakeNode("", "Identity", ["on"], ["goOn"]), ModelBuilder.MakeNode("local", "Outer", ["s"], ["t"]) } };
        body.Input.AddRange(new[] { TensorTypes.ToProto("i", TensorType.Of(ElementType.Int64)), TensorTypes.ToProto("on", TensorType.Of(ElementType.Bool)), new ValueInfoProto { Name = "s" } });
        body.Output.AddRange(new[] { new ValueInfoProto { Name = "goOn" }, new ValueInfoProto { Name = "t" } });
        ModelProto model = new ModelBuilder().Opset("local", 1)
            .Input("x", ElementType.Float, 2, 3).Initializer("n", [2L])
            .Node("ReduceSum", ["x"], ["sum"], ("keepdims", 0L)).Node("Cast", ["sum"], ["flag"], ("to", (long)ElementType.Bool))
            .Node("Loop", ["n", "", "x"], ["m"], ("body", body))
            .Node("If", ["flag"], ["y"],
                ("then_branch", Branch("r", ModelBuilder.MakeNode("local", "Outer", ["m"], ["r"]))),
                ("else_branch", Branch("r", ModelBuilder.MakeNode("", "Neg", ["m"], ["r"]))))
            .Output("y").Function(wave).Build();

        ModelProto normal = Inlined(model);

        Assert.Equal(3, normal.Graph.Node.Count(node => node.OpType == "Sin"));
        ModelNormalizerTests.AssertSame(model, normal, ("x", OrtRun.Random(6), [2, 3]));
    }

    [Fact]
    public void A_choice_in_a_function_of_another_version_is_made_after_its_conversion()
    {
        FunctionProto function = Function("Outer", ["a"], ["c"],
            ModelBuilder.MakeNode("", "Constant", [], ["yes"], ("value", TensorData.Scalar("", true))),
            ModelBuilder.MakeNode("", "Unsqueeze", ["a"], ["u"], ("axes", new[] { 0L })),
            ModelBuilder.MakeNode("", "If", ["yes"], ["c"],
                ("then_branch", Branch("r", ModelBuilder.MakeNode("", "Exp", ["u"], ["r"]))),
                ("else_branch", Branch("r", ModelBuilder.MakeNode("", "Neg", ["u"], ["r"])))));
        function.OpsetImport[0].Version = 11;

        // The runtime would read the function in the model's version and refuse it.
        ModelProto normal = Inlined(Model(function));

        Assert.Equal(["Unsqueeze", "Exp"], normal.Graph.Node.Select(node => node.OpType));
        Assert.Equal([1L, 2, 3], OrtRun.Run(normal, ("x", OrtRun.Random(6), [2, 3]))["y"].Shape);
    }

    [Fact]
    public void A_function_may_take_the_place_of_a_standard_operator()
    {
        FunctionProto function = Function("Outer", ["a"], ["c"], ModelBuilder.MakeNode("", "Mish", ["a"], ["c"]));
        FunctionProto mish = Function("Mish", ["a"], ["c"],
            ModelBuilder.MakeNode("", "Softplus", ["a"], ["s"]), ModelBuilder.MakeNode("", "Tanh", ["s"], ["t"]), ModelBuilder.MakeNode("", "Mul", ["a", "t"], ["c"]));
        mish.Domain = "";

        Assert.Equal(["Softplus", "Tanh", "Mul"], Inlined(Model(function, mish)).Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void A_function_that_calls_itself_is_refused()
    {
        ModelProto model = Model(Function("Outer", ["a"], ["c"], ModelBuilder.MakeNode("local", "Outer", ["a"], ["c"])));

        Assert.Contains("calls itself", Assert.Throws<OnnxModelException>(() => Inlined(model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_that_multiply_are_stopped_at_the_limit()
    {
        var functions = new List<FunctionProto> { Function("F0", ["a"], ["c"], ModelBuilder.MakeNode("", "Relu", ["a"], ["c"])) };
        for (int level = 1; level <= 30; level++)
        {
            functions.Add(Function(level == 30 ? "Outer" : $"F{level}", ["a"], ["c"],
                ModelBuilder.MakeNode("local", $"F{level - 1}", ["a"], ["b"]),
                ModelBuilder.MakeNode("local", $"F{level - 1}", ["b"], ["c"])));
        }

        var error = Assert.Throws<OnnxModelException>(() =>
            ModelNormalizer.Normalize(Model([.. functions]), Fixed with { MaxNodes = 1000 }));

        Assert.Contains("more than 1000 nodes", error.Message, StringComparison.Ordinal);
    }

    private static GraphProto Branch(string output, params NodeProto[] nodes) =>
        new() { Name = "b", Node = { nodes }, Output = { new ValueInfoProto { Name = output } } };

    private static ModelProto Inlined(ModelProto model)
    {
        ModelProto normal = ModelNormalizer.Normalize(model, Fixed);
        Assert.Empty(normal.Functions);
        Assert.DoesNotContain(normal.Graph.Node, node => node.Domain == "local");
        return normal;
    }

    private static ModelProto Model(params FunctionProto[] functions)
    {
        ModelBuilder builder = new ModelBuilder().Opset("local", 1)
            .Input("x", ElementType.Float, 2, 3)
            .Node("local", "Outer", ["x"], ["y"], ("slope", 0.25f))
            .Output("y");
        foreach (FunctionProto function in functions)
            builder.Function(function);
        return builder.Build();
    }

    private static FunctionProto Function(string name, string[] inputs, string[] outputs, params NodeProto[] nodes)
    {
        var function = new FunctionProto
        {
            Name = name,
            Domain = "local",
            Attribute = { "slope" },
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 21 }, new OperatorSetIdProto { Domain = "local", Version = 1 } },
        };
        function.Input.AddRange(inputs);
        function.Output.AddRange(outputs);
        function.Node.AddRange(nodes);
        return function;
    }

    private static NodeProto Reference(NodeProto node, string name, string refersTo, AttributeProto.Types.AttributeType type)
    {
        node.Attribute.Add(new AttributeProto { Name = name, RefAttrName = refersTo, Type = type });
        return node;
    }

    private static class Kind
    {
        public const AttributeProto.Types.AttributeType Float = AttributeProto.Types.AttributeType.Float;
    }
}
