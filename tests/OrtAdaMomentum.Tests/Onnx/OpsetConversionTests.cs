using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using static OrtAdaMomentum.Tests.Onnx.ConvertedModel;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Each converted model must compute what the original computes.</summary>
public class OpsetConversionTests
{
    [Theory]
    [InlineData("ReduceMean")]
    [InlineData("ReduceSum")]
    [InlineData("ReduceMax")]
    [InlineData("ReduceMin")]
    [InlineData("ReduceProd")]
    [InlineData("ReduceL1")]
    [InlineData("ReduceL2")]
    [InlineData("ReduceLogSumExp")]
    [InlineData("ReduceSumSquare")]
    public void Reductions_take_their_axes_as_an_input(string opType)
    {
        AssertSame(One(11, opType, [2, 3, 4], ("axes", new long[] { 1, -1 }), ("keepdims", 0L)));
        AssertSame(One(11, opType, [2, 3, 4]));
    }

    [Fact]
    public void ReduceLogSum_takes_its_axes_as_an_input() => AssertSame(new ModelBuilder(11)
        .Input("x", ElementType.Float, 2, 3, 4)
        .Node("Abs", ["x"], ["a"])
        .Node("ReduceLogSum", ["a"], ["y"], ("axes", new long[] { 1 }))
        .Output("y"));

    [Fact]
    public void ReduceMean_of_version_13_still_converts() => AssertSame(One(13, "ReduceMean", [2, 3, 4], ("axes", new long[] { 2 })));

    [Fact]
    public void ReduceMax_of_version_20_keeps_its_axes_input() => AssertSame(new ModelBuilder(20)
        .Input("x", ElementType.Float, 2, 3, 4)
        .Initializer("axes", [1L], 1)
        .Node("ReduceMax", ["x", "axes"], ["y"])
        .Output("y"));

    [Theory]
    [InlineData(7)]
    [InlineData(12)]
    public void Squeeze_and_Unsqueeze_take_their_axes_as_an_input(int opset) => AssertSame(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 2, 1, 3)
        .Node("Squeeze", ["x"], ["s"], ("axes", new long[] { 1 }))
        .Node("Unsqueeze", ["s"], ["u"], ("axes", new long[] { 0, 3 }))
        .Node("Squeeze", ["u"], ["y"])
        .Output("u", "y"));

    [Theory]
    [InlineData(7)]
    [InlineData(12)]
    public void Split_by_lengths(int opset) => AssertSame(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 2, 6)
        .Node("Split", ["x"], ["a", "b", "c"], ("axis", 1L), ("split", new long[] { 1, 2, 3 }))
        .Output("a", "b", "c"));

    [Theory]
    [InlineData(7)]
    [InlineData(13)]
    [InlineData(17)]
    public void Split_into_equal_parts(int opset) => AssertSame(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 2, 6)
        .Node("Split", ["x"], ["a", "b", "c"], ("axis", 1L))
        .Output("a", "b", "c"));

    [Theory]
    [InlineData("constant", 0f)]
    [InlineData("constant", 2.5f)]
    [InlineData("reflect", 0f)]
    [InlineData("edge", 0f)]
    public void Pad_takes_widths_and_value_as_inputs(string mode, float value) =>
        AssertSame(One(7, "Pad", [1, 2, 4, 5], ("mode", mode), ("value", value), ("pads", new long[] { 0, 0, 1, 2, 0, 0, 2, 1 })));

    [Fact]
    public void Clip_takes_its_bounds_as_inputs()
    {
        AssertSame(One(7, "Clip", [3, 4], ("min", -0.25f), ("max", 0.5f)));
        AssertSame(One(7, "Clip", [3, 4], ("max", 0.5f)));
        AssertSame(One(10, "Clip", [3, 4], ("min", 0f)));
        AssertSame(One(10, "Clip", [3, 4]));
    }

    [Fact]
    public void Slice_takes_its_ranges_as_inputs()
    {
        AssertSame(One(7, "Slice", [4, 5], ("starts", new long[] { 1, -3 }), ("ends", new long[] { 3, int.MaxValue })));
        AssertSame(One(9, "Slice", [4, 5], ("axes", new long[] { 1 }), ("starts", new long[] { 2 }), ("ends", new long[] { 4 })));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(10)]
    public void Dropout_stays_inactive_and_keeps_its_ratio(int opset)
    {
        ModelProto converted = AssertSame(One(opset, "Dropout", [3, 4], ("ratio", 0.3f)));

        NodeProto dropout = Assert.Single(converted.Graph.Node);
        TensorProto ratio = Assert.Single(converted.Graph.Initializer, tensor => tensor.Name == dropout.Input[1]);
        Assert.Equal(0.3f, Assert.Single(TensorData.ToFloats(ratio)));
    }

    [Theory]
    [InlineData("Softmax", 7, 1)]
    [InlineData("Softmax", 11, 0)]
    [InlineData("Softmax", 11, 2)]
    [InlineData("Softmax", 11, -2)]
    [InlineData("LogSoftmax", 11, 1)]
    [InlineData("Hardmax", 11, 1)]
    public void Softmax_over_all_axes_from_one_on(string opType, int opset, int axis) => AssertSame(One(opset, opType, [2, 3, 4], ("axis", axis)));

    [Fact]
    public void Softmax_without_axis_meant_the_second_one() => AssertSame(One(9, "Softmax", [2, 3, 4]));

    [Fact]
    public void TopK_takes_its_count_as_an_input() => AssertSame(new ModelBuilder(9)
        .Input("x", ElementType.Float, 3, 5)
        .Node("TopK", ["x"], ["y", "i"], ("k", 2L))
        .Output("y", "i"));

    [Fact]
    public void Scatter_is_renamed() => AssertSame(new ModelBuilder(10)
        .Input("x", ElementType.Float, 3, 3)
        .Initializer("i", [1L, 0, 2], 1, 3)
        .Initializer("u", [5f, 6f, 7f], 1, 3)
        .Node("Scatter", ["x", "i", "u"], ["y"], ("axis", 0L))
        .Output("y"));

    [Fact]
    public void Dft_takes_its_axis_as_an_input() => AssertSame(new ModelBuilder(17)
        .Input("x", ElementType.Float, 1, 8, 1)
        .Node("DFT", ["x"], ["y"], ("axis", 1L))
        .Output("y"));

    [Theory]
    [InlineData("LSTM", 4)]
    [InlineData("GRU", 3)]
    [InlineData("RNN", 1)]
    public void Recurrent_operators_of_version_7(string opType, int gates) => AssertSame(new ModelBuilder(7)
        .Input("x", ElementType.Float, 5, 1, 3)
        .Initializer("w", OrtRun.Random(gates * 2 * 3), 1, gates * 2, 3)
        .Initializer("r", OrtRun.Random(gates * 2 * 2, 2), 1, gates * 2, 2)
        .Node(opType, ["x", "w", "r"], ["y", "h"], ("hidden_size", 2L))
        .Output("y", "h"));

    [Fact]
    public void Operators_that_changed_in_name_only_are_kept() => AssertSame(new ModelBuilder(7)
        .Input("x", ElementType.Float, 2, 6)
        .Initializer("w", OrtRun.Random(6 * 4), 6, 4)
        .Initializer("b", OrtRun.Random(4), 4)
        .Initializer("shape", [2L, 2, 2], 3)
        .Node("Gemm", ["x", "w", "b"], ["g"])
        .Node("Reshape", ["g", "shape"], ["r"])
        .Node("Transpose", ["r"], ["t"], ("perm", new long[] { 0, 2, 1 }))
        .Node("Cast", ["t"], ["d"], ("to", (long)ElementType.Double))
        .Node("Cast", ["d"], ["f"], ("to", (long)ElementType.Float))
        .Node("Flatten", ["f"], ["l"])
        .Node("Concat", ["l", "g"], ["c"], ("axis", 1L))
        .Node("PRelu", ["c", "p"], ["y"])
        .Initializer("p", OrtRun.Random(8), 8)
        .Output("y"));

    [Fact]
    public void Nodes_in_branches_are_converted_too()
    {
        GraphProto then = Branch("then", ModelBuilder.MakeNode("", "Clip", ["x"], ["then_y"], ("max", 0.5f)));
        GraphProto other = Branch("else", ModelBuilder.MakeNode("", "Softmax", ["x"], ["else_y"], ("axis", 1L)));
        ModelBuilder builder = new ModelBuilder(9)
            .Input("x", ElementType.Float, 2, 3, 2)
            .Input("c", ElementType.Bool)
            .Node("If", ["c"], ["y"], ("then_branch", then), ("else_branch", other))
            .Output("y");
        ModelProto model = builder.Build(), converted = ModelNormalizer.Normalize(model, Fixed);

        foreach (bool condition in (bool[])[true, false])
        {
            (string, Array, long[])[] inputs = [("x", OrtRun.Random(12), [2, 3, 2]), ("c", new[] { condition }, [])];
            OrtRun.AssertClose(OrtRun.Run(model, inputs)["y"], OrtRun.Run(converted, inputs)["y"]);
        }

        static GraphProto Branch(string name, NodeProto node) => new()
        {
            Name = name,
            Node = { node },
            Output = { TensorTypes.ToProto(node.Output[0], TensorType.Of(ElementType.Float, 2, 3, 2)) },
        };
    }
}
