using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Gradients.Official;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>Rewritten operators that no stored result of the official runtime covers, against their definitions.</summary>
public class OfficialOperatorTests
{
    private static readonly (string, object)[] None = [];

    public static TheoryData<string> Kernelless =>
        [.. OfficialOperators.Cases.Where(static pair => pair.Operator.Name is "ConvTransposeGrad" or "GatherNDGrad" or "ResizeGrad").Select(static pair => pair.Operator.ResultName(pair.Case))];

    [Theory]
    [MemberData(nameof(Kernelless))]
    public void Operators_without_a_working_official_kernel_give_the_gradient_of_their_forward_operator(string name)
    {
        var (official, @case) = OfficialOperators.Cases.Single(pair => pair.Operator.ResultName(pair.Case) == name);
        var values = new CaseValues(@case);
        using var numeric = new NumericGradient(@case, values);
        var expected = AnalyticGradient.Compute(@case, values, ElementType.Float, ShapeKnowledge.Fixed, numeric);
        var outputs = Run(OfficialModel.Write(official, @case)!);
        Assert.NotEmpty(outputs);
        foreach (var (output, actual) in outputs)
        {
            int input = int.Parse(output.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture);
            if (@case.Inputs[input].Role == InputRole.Variable)
                GradientCheck.AssertClose(GradientCheck.Elements(@case, expected, input), actual.Numbers, 1e-5, output);
        }
    }

    [Fact]
    public void A_gradient_is_summed_over_the_axes_along_which_each_operand_was_stretched()
    {
        var outputs = Run(Model().Initializer("a", new long[] { 3, 1, 4 }, 3).Initializer("b", new long[] { 2, 3, 5, 1 }, 4)
            .Initializer("g", [.. Enumerable.Repeat(1f, 120)], 2, 3, 5, 4)
            .Node(OnnxDomains.Microsoft, "BroadcastGradientArgs", ["a", "b"], ["of a", "of b"])
            .Node(OnnxDomains.Microsoft, "ReduceSumTraining", ["g", "of a"], ["da"], ("keepdims", 0L), ("noop_with_empty_axes", 1L))
            .Node(OnnxDomains.Microsoft, "ReduceSumTraining", ["g", "of b"], ["db"], ("keepdims", 1L), ("noop_with_empty_axes", 1L))
            .Output("of a", "of b", "da", "db").Build());
        Assert.Equal([0, 2], ((long[])outputs["of a"].Data).Order());
        Assert.Equal([3], (long[])outputs["of b"].Data);
        Assert.Equal([3, 4], outputs["da"].Shape);
        Assert.All(outputs["da"].Numbers, static value => Assert.Equal(10, value));
        Assert.Equal([2, 3, 5, 1], outputs["db"].Shape);
        Assert.All(outputs["db"].Numbers, static value => Assert.Equal(4, value));
    }

    [Fact]
    public void Operands_of_one_shape_are_summed_over_no_axis()
    {
        var outputs = Run(Model().Initializer("a", new long[] { 1, 3 }, 2).Initializer("b", new long[] { 1, 3 }, 2)
            .Node(OnnxDomains.Microsoft, "BroadcastGradientArgs", ["a", "b"], ["of a", "of b"]).Output("of a", "of b").Build());
        Assert.Empty((long[])outputs["of a"].Data);
        Assert.Empty((long[])outputs["of b"].Data);
    }

    [Fact]
    public void What_was_joined_is_split_again()
    {
        float[] left = OrtRun.Random(6, 1), right = OrtRun.Random(4, 2);
        var outputs = Run(Model().Initializer("l", left, 2, 3).Initializer("r", right, 2, 2)
            .Node(OnnxDomains.Microsoft, "ConcatTraining", ["l", "r"], ["y", "lengths"], ("axis", 1L))
            .Node(OnnxDomains.Microsoft, "SplitTraining", ["y", "lengths"], ["first", "second"], ("axis", 1L))
            .Output("lengths", "first", "second").Build());
        Assert.Equal([3, 2], (long[])outputs["lengths"].Data);
        Assert.Equal(left, (float[])outputs["first"].Data);
        Assert.Equal(right, (float[])outputs["second"].Data);
    }

    [Theory]
    [InlineData(0, 8.0)]
    [InlineData(1, 0.5)]
    public void Scale_multiplies_or_divides(long down, double expected)
    {
        var outputs = Run(Model().Initializer("x", [2f], 1, 1).Initializer("s", [4f], 1)
            .Node(OnnxDomains.Microsoft, "Scale", ["x", "s"], ["y"], ("scale_down", down)).Output("y").Build());
        Assert.Equal([1, 1], outputs["y"].Shape);
        Assert.Equal([expected], outputs["y"].Numbers);
    }

    [Fact]
    public void A_gradient_is_set_to_zero()
    {
        var outputs = Run(Model().Initializer("g", [1f, 2f], 2).Initializer("reset", [true], 1)
            .Node(OnnxDomains.Microsoft, "ZeroGradient", ["g", "reset"], ["z"]).Output("z").Build());
        Assert.Equal([0, 0], outputs["z"].Numbers);
    }

    [Fact]
    public void The_class_to_ignore_may_be_an_input()
    {
        float[] scores = OrtRun.Random(12, 3);
        var outputs = Run(Model().Initializer("x", scores, 4, 3).Initializer("labels", new long[] { 0, 2, 1, 2 }, 4).Initializer("ignored", new long[] { 2 })
            .Node(OnnxDomains.Microsoft, "SoftmaxCrossEntropyLossInternal", ["x", "labels", "", "ignored"], ["loss", "logs"], ("reduction", "mean"))
            .Node("SoftmaxCrossEntropyLoss", ["x", "labels"], ["expected", "expected logs"], ("reduction", "mean"), ("ignore_index", 2L))
            .Output("loss", "logs", "expected", "expected logs").Build());
        Assert.Equal(outputs["expected"].Numbers, outputs["loss"].Numbers);
        Assert.Equal(outputs["expected logs"].Numbers, outputs["logs"].Numbers);
    }

    [Fact]
    public void A_sum_is_scaled_term_by_term_and_so_is_its_gradient()
    {
        float[] x = OrtRun.Random(6, 1), other = OrtRun.Random(6, 2);
        var outputs = Run(Model().Initializer("x", x, 2, 3).Initializer("other", other, 2, 3)
            .Node(OnnxDomains.Microsoft, "ScaledSum", ["x", "other"], ["sum"], ("scale_0", 2f), ("scale_1", -0.5f))
            .Node(OnnxDomains.Microsoft, "BatchScale", ["x"], ["first", "second", "third"], ("scale_0", 2f), ("scale_1", -0.5f), ("scale_2", 1f))
            .Output("sum", "first", "second", "third").Build());
        Assert.Equal(x.Zip(other, static (left, right) => 2 * left - 0.5f * right), (float[])outputs["sum"].Data);
        Assert.Equal(x.Select(static value => 2 * value), (float[])outputs["first"].Data);
        Assert.Equal(x.Select(static value => -0.5f * value), (float[])outputs["second"].Data);
        Assert.Equal(x, (float[])outputs["third"].Data);
    }

    [Fact]
    public void Padded_tokens_are_left_out_and_put_back_as_zeros()
    {
        float[] x = [.. Enumerable.Range(1, 12).Select(static value => (float)value)];
        var outputs = Run(Model().Initializer("x", x, 2, 3, 2).Initializer("indices", new long[] { 4, 0, 3 }, 3)
            .Node(OnnxDomains.Microsoft, "FlattenAndUnpad", ["x", "indices"], ["tokens", "extents"])
            .Node(OnnxDomains.Microsoft, "PadAndUnflatten", ["tokens", "indices", "extents"], ["again"])
            .Output("tokens", "extents", "again").Build());
        Assert.Equal([2, 3], (long[])outputs["extents"].Data);
        Assert.Equal([3, 2], outputs["tokens"].Shape);
        Assert.Equal([9, 10, 1, 2, 7, 8], outputs["tokens"].Numbers);
        Assert.Equal([2, 3, 2], outputs["again"].Shape);
        Assert.Equal([1, 2, 0, 0, 0, 0, 7, 8, 9, 10, 0, 0], outputs["again"].Numbers);
    }

    [Fact]
    public void Tokens_of_a_batch_of_any_size_keep_a_known_rank()
    {
        var batch = new TensorType(ElementType.Float, [Dimension.Named("batch"), Dimension.Named("length"), 2]);
        var model = Model().Input("x", batch).Input("indices", new TensorType(ElementType.Int64, [Dimension.Named("tokens")]))
            .Node(OnnxDomains.Microsoft, "FlattenAndUnpad", ["x", "indices"], ["tokens", "extents"])
            .Node(OnnxDomains.Microsoft, "PadAndUnflatten", ["tokens", "indices", "extents"], ["again"])
            .Node(OnnxDomains.Microsoft, "ShrunkenGather", ["again", "indices"], ["few"], ("axis", 1L))
            .Output("tokens", "again", "few").Build();
        var (_, graph) = OfficialRewriting.Apply(model, "a case");
        Assert.Equal(2, graph.Value("tokens").Rank);
        Assert.Equal(2, graph.Value("tokens").Extent(1));
        Assert.Equal(3, graph.Value("again").Rank);
        Assert.Equal(3, graph.Value("few").Rank);
    }

    [Fact]
    public void Resizing_to_sizes_of_some_axes_is_refused()
    {
        var model = Model().Initializer("g", new float[16], 1, 1, 4, 4).Initializer("x", new float[4], 1, 1, 2, 2)
            .Node(OnnxDomains.Microsoft, "ResizeGrad", ["g", "x"], ["dx"], ("mode", "linear"), ("axes", new long[] { 2, 3 })).Output("dx").Build();
        var error = Assert.Throws<FineTuningException>(() => OfficialRewriting.Apply(model, "training_model.onnx"));
        Assert.Contains("ResizeGrad): the sizes of some axes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_that_are_not_known_are_named_with_their_nodes()
    {
        var model = Model().Initializer("x", [1f], 1).Node(OnnxDomains.Microsoft, "BitmaskDropoutGrad", ["x", "x"], ["y"], None)
            .Opset("org.pytorch.aten", 1)
            .Node(OnnxDomains.Microsoft, "YieldOp", ["y"], ["z"], None).Node("org.pytorch.aten", "ATen", ["z"], ["w"], None).Output("w").Build();
        model.Graph.Node[0].Name = "drop_Grad/BitmaskDropoutGrad_0";
        var error = Assert.Throws<FineTuningException>(() => OfficialRewriting.Apply(model, "training_model.onnx"));
        Assert.StartsWith("training_model.onnx: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("node 'drop_Grad/BitmaskDropoutGrad_0' (com.microsoft.BitmaskDropoutGrad)", error.Message, StringComparison.Ordinal);
        Assert.Contains("com.microsoft.YieldOp", error.Message, StringComparison.Ordinal);
        Assert.Contains("org.pytorch.aten.ATen", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_cannot_be_rewritten_is_named_with_the_reason()
    {
        var model = Model().Initializer("g", [1f], 1, 1, 1, 1).Initializer("places", new long[] { 0 }, 1, 1, 1, 1)
            .Node("MaxPoolGrad", ["g", "places"], ["x"]).Output("x").Build();
        model.Graph.Node[0].Name = "pool_Grad/MaxPoolGrad_0";
        var error = Assert.Throws<FineTuningException>(() => OfficialRewriting.Apply(model, "training_model.onnx"));
        Assert.Contains("node 'pool_Grad/MaxPoolGrad_0' (MaxPoolGrad): its input 'places' does not come from MaxPool", error.Message, StringComparison.Ordinal);
    }

    private static ModelBuilder Model() => new ModelBuilder(17).Opset(OnnxDomains.Microsoft, 1);

    private static Dictionary<string, OrtTensor> Run(ModelProto model)
    {
        var rewritten = OfficialRewriting.Apply(model, "a case").Model;
        using var session = CaseSession.Open(rewritten, new Dictionary<string, (Array Data, long[] Shape)>(), optimize: true);
        return session.Run();
    }
}
