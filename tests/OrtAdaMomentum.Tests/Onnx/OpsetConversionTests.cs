using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Each converted model must compute what the original computes.</summary>
public class OpsetConversionTests
{
    private static readonly NormalizeOptions Fixed = new() { FreeBatch = false };

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

    [Fact]
    public void Operators_that_have_not_changed_since_before_version_7_convert() => AssertSame(new ModelBuilder(6)
        .Input("x", ElementType.Float, 2, 3, 4)
        .Node("Clip", ["x"], ["c"], ("min", -0.5f), ("max", 0.5f))
        .Node("Pad", ["c"], ["p"], ("pads", new long[] { 0, 0, 1, 0, 0, 0 }), ("value", 2f))
        .Node("ReduceMean", ["p"], ["m"], ("axes", new long[] { 1 }), ("keepdims", 0L))
        .Node("Softmax", ["m"], ["y"])
        .Output("y"));

    [Fact]
    public void An_operator_that_broadcast_differently_before_version_7_is_refused()
    {
        var model = new ModelBuilder(6)
            .Input("x", ElementType.Float, 2, 3)
            .Initializer("b", [1f, 2f, 3f], 3)
            .Node("Add", ["x", "b"], ["y"], ("broadcast", 1L))
            .Output("y", TensorType.Of(ElementType.Float, 2, 3));
        var error = Assert.Throws<OnnxModelException>(() => ModelNormalizer.Normalize(model.Build(), Fixed));
        Assert.Contains("Add", error.Message, StringComparison.Ordinal);
    }

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

    [Theory]
    [InlineData(7, "nearest")]
    [InlineData(7, "linear")]
    [InlineData(9, "nearest")]
    [InlineData(9, "linear")]
    public void Upsample_becomes_Resize(int opset, string mode)
    {
        float[] scales = [1, 1, 2, 3];
        ModelBuilder builder = new ModelBuilder(opset).Input("x", ElementType.Float, 1, 2, 3, 4);
        AssertSame(opset < 9
            ? builder.Node("Upsample", ["x"], ["y"], ("mode", mode), ("scales", scales)).Output("y")
            : builder.Initializer("s", scales, 4).Node("Upsample", ["x", "s"], ["y"], ("mode", mode)).Output("y"));
    }

    [Theory]
    [InlineData("nearest", 2.5f)]
    [InlineData("nearest", 0.6f)]
    [InlineData("linear", 1.7f)]
    [InlineData("linear", 0.5f)]
    public void Resize_of_version_10(string mode, float scale) => AssertSame(new ModelBuilder(10)
        .Input("x", ElementType.Float, 1, 2, 5, 7)
        .Initializer("s", [1f, 1f, scale, scale], 4)
        .Node("Resize", ["x", "s"], ["y"], ("mode", mode))
        .Output("y"));

    [Fact]
    public void Resize_of_version_11_with_empty_inputs() => AssertSame(new ModelBuilder(11)
        .Input("x", ElementType.Float, 1, 2, 5, 7)
        .Initializer("roi", Array.Empty<float>(), 0)
        .Initializer("scales", Array.Empty<float>(), 0)
        .Initializer("sizes", [1L, 2, 8, 9], 4)
        .Node("Resize", ["x", "roi", "scales", "sizes"], ["y"], ("mode", "linear"), ("coordinate_transformation_mode", "align_corners"))
        .Output("y"));

    [Theory]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(14)]
    public void BatchNormalization_for_inference(int opset) => AssertSame(BatchNorm(opset, [3]));

    [Fact]
    public void BatchNormalization_per_element() => AssertSame(BatchNorm(7, [3, 4], ("spatial", 0L)));

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
    public void RoiAlign_keeps_its_pixel_grid() => AssertSame(new ModelBuilder(12)
        .Input("x", ElementType.Float, 1, 2, 8, 8)
        .Initializer("rois", [0f, 0f, 5f, 6f, 1f, 2f, 7f, 7f], 2, 4)
        .Initializer("batch", [0L, 0L], 2)
        .Node("RoiAlign", ["x", "rois", "batch"], ["y"], ("output_height", 2L), ("output_width", 2L))
        .Output("y"));

    [Theory]
    [InlineData("bilinear")]
    [InlineData("bicubic")]
    [InlineData("nearest")]
    public void GridSample_renames_its_modes(string mode) => AssertSame(new ModelBuilder(16)
        .Input("x", ElementType.Float, 1, 2, 5, 5)
        .Input("g", ElementType.Float, 1, 3, 3, 2)
        .Node("GridSample", ["x", "g"], ["y"], ("mode", mode))
        .Output("y"));

    [Fact]
    public void Dft_takes_its_axis_as_an_input() => AssertSame(new ModelBuilder(17)
        .Input("x", ElementType.Float, 1, 8, 1)
        .Node("DFT", ["x"], ["y"], ("axis", 1L))
        .Output("y"));

    [Fact]
    public void GroupNormalization_gets_scales_per_channel()
    {
        // The runtime has no kernel for version 18; the expected values come from the definition.
        float[] x = OrtRun.Random(2 * 4 * 3), scale = [2, 3], bias = [0.5f, -1];
        ModelProto converted = ModelNormalizer.Normalize(new ModelBuilder(18)
            .Input("x", ElementType.Float, 2, 4, 3)
            .Initializer("scale", scale, 2)
            .Initializer("bias", bias, 2)
            .Node("GroupNormalization", ["x", "scale", "bias"], ["y"], ("num_groups", 2L))
            .Output("y").Build(), Fixed);

        float[] y = OrtRun.Run(converted, ("x", x, [2, 4, 3]))["y"].Floats;

        for (int group = 0; group < 4; group++)
        {
            double mean = Enumerable.Range(group * 6, 6).Average(index => x[index]);
            double variance = Enumerable.Range(group * 6, 6).Average(index => Math.Pow(x[index] - mean, 2));
            for (int index = group * 6; index < group * 6 + 6; index++)
                Assert.Equal(((x[index] - mean) / Math.Sqrt(variance + 1e-5) * scale[group % 2]) + bias[group % 2], y[index], 1e-4);
        }
    }

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

    [Theory]
    [InlineData(22)]
    [InlineData(24)]
    [InlineData(26)]
    public void Newer_versions_are_lowered(int opset) => AssertSame(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 1, 2, 6, 6)
        .Initializer("w", OrtRun.Random(3 * 2 * 9), 3, 2, 3, 3)
        .Node("Conv", ["x", "w"], ["c"])
        .Node("HardSwish", ["c"], ["h"])
        .Node("GlobalAveragePool", ["h"], ["p"])
        .Node("Flatten", ["p"], ["y"])
        .Output("y"));

    [Theory]
    [InlineData(1f)]
    [InlineData(1.7f)]
    public void Swish_is_written_out(float alpha) => AssertSame(One(24, "Swish", [2, 3], ("alpha", alpha)));

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-2)]
    public void RmsNormalization_takes_the_name_that_the_runtime_had_before(int axis) => AssertSame(new ModelBuilder(23)
        .Input("x", ElementType.Float, 2, 3, 4)
        .Initializer("s", OrtRun.Random(axis == -1 ? 4 : 12), axis == -1 ? [4] : [3, 4])
        .Node("RMSNormalization", ["x", "s"], ["y"], ("axis", axis), ("epsilon", 0.01f))
        .Output("y"));

    [Fact]
    public void RmsNormalization_of_half_precision_is_converted()
    {
        var model = new ModelBuilder(23).Input("x", ElementType.Float16, 2, 3).Input("s", ElementType.Float16, 3)
            .Node("RMSNormalization", ["x", "s"], ["y"], ("stash_type", 1L)).Output("y").Build();
        ModelProto normalized = ModelNormalizer.Normalize(model, Fixed);
        Assert.Equal("SimplifiedLayerNormalization", Assert.Single(normalized.Graph.Node).OpType);
        Assert.Equal((int)ElementType.Float16, Assert.Single(normalized.Graph.Output).Type.TensorType.ElemType);
    }

    [Fact]
    public void A_file_of_the_runtimes_optimiser_is_refused_with_what_to_do()
    {
        var model = new ModelBuilder(13).Opset("com.microsoft.nchwc", 1).Input("x", ElementType.Float, 1, 8, 4, 4)
            .Node("com.microsoft.nchwc", "ReorderInput", ["x"], ["y"]).Output("y").Build();
        var error = Assert.Throws<OnnxModelException>(() => ModelNormalizer.Normalize(model, Fixed));
        Assert.Contains("save it at the extended level", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_converted_is_named_all_at_once()
    {
        ModelProto model = new ModelBuilder(26)
            .Input("x", ElementType.Float, 3)
            .Node("BitCast", ["x"], ["a"], ("to", (long)ElementType.Int32))
            .Node("BitCast", ["a"], ["b"], ("to", (long)ElementType.UInt32))
            .Node("Cast", ["b"], ["y"], ("to", (long)ElementType.Float))
            .Output("y").Build();

        var error = Assert.Throws<OnnxModelException>(() => ModelNormalizer.Normalize(model, Fixed));

        Assert.Contains("'BitCast_a' (BitCast), version 26", error.Message, StringComparison.Ordinal);
        Assert.Contains("'BitCast_b' (BitCast), version 26", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(27)]
    public void Versions_outside_the_range_are_refused(int opset)
    {
        var error = Assert.Throws<OnnxModelException>(() => ModelNormalizer.Normalize(One(opset, "Relu", [2, 2]).Build(), Fixed));

        Assert.Contains($"version {opset}", error.Message, StringComparison.Ordinal);
    }

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

    internal static ModelBuilder One(long opset, string opType, long[] shape, params (string, object)[] attributes) =>
        new ModelBuilder(opset).Input("x", ElementType.Float, shape).Node(opType, ["x"], ["y"], attributes).Output("y");

    private static ModelBuilder BatchNorm(long opset, long[] shape, params (string, object)[] attributes)
    {
        int count = (int)shape.Aggregate((product, extent) => product * extent);
        return new ModelBuilder(opset)
            .Input("x", ElementType.Float, 2, 3, 4)
            .Initializer("s", OrtRun.Random(count, 1), shape)
            .Initializer("b", OrtRun.Random(count, 2), shape)
            .Initializer("m", OrtRun.Random(count, 3), shape)
            .Initializer("v", [.. OrtRun.Random(count, 4).Select(Math.Abs)], shape)
            .Node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"], attributes)
            .Output("y");
    }

    internal static ModelProto AssertSame(ModelBuilder builder)
    {
        ModelProto model = builder.Build();
        ModelProto converted = ModelNormalizer.Normalize(model, Fixed);

        Assert.Equal(21, Assert.Single(converted.OpsetImport).Version);
        Assert.Equal(10, converted.IrVersion);
        (string, Array, long[])[] inputs = [.. model.Graph.Input.Select((input, index) => Random(input, index + 7))];
        Dictionary<string, OrtTensor> expected = OrtRun.Run(model, inputs), actual = OrtRun.Run(converted, inputs);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (string name in expected.Keys)
            OrtRun.AssertClose(expected[name], actual[name]);
        return converted;
    }

    private static (string, Array, long[]) Random(ValueInfoProto input, int seed)
    {
        long[] shape = TensorTypes.FromProto(input.Type)!.StaticShape!;
        return (input.Name, OrtRun.Random((int)shape.Aggregate(1L, (product, extent) => product * extent), seed), shape);
    }
}
