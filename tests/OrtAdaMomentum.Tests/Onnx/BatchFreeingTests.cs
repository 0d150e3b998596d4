using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

public class BatchFreeingTests
{
    [Fact]
    public void A_reshape_to_one_row_becomes_one_row_per_sample() => AssertFreed(new ModelBuilder()
        .Input("x", ElementType.Float, 1, 2, 4, 4)
        .Initializer("w", OrtRun.Random(3 * 2 * 9), 3, 2, 3, 3)
        .Initializer("shape", [1L, 12], 2)
        .Initializer("v", OrtRun.Random(24), 12, 2)
        .Node("Conv", ["x", "w"], ["c"])
        .Node("Reshape", ["c", "shape"], ["r"])
        .Node("MatMul", ["r", "v"], ["y"])
        .Output("y"));

    [Fact]
    public void A_reshape_keeps_the_name_of_the_batch_axis()
    {
        ModelProto freed = AssertFreed(new ModelBuilder()
            .Input("x", ElementType.Float, 1, 2, 3)
            .Initializer("shape", [1L, 6], 2)
            .Node("Reshape", ["x", "shape"], ["y"])
            .Output("y"));

        Assert.Equal("Float[batch, 6]", TensorTypes.FromProto(freed.Graph.Output[0].Type)!.ToString());
    }

    [Fact]
    public void An_open_axis_beside_the_fixed_one() => AssertFreed(new ModelBuilder()
        .Input("x", ElementType.Float, 1, 2, 4, 4)
        .Initializer("shape", [1L, -1], 2)
        .Node("Reshape", ["x", "shape"], ["y"])
        .Output("y"));

    [Fact]
    public void Time_may_stay_open() => AssertFreed(new ModelBuilder()
        .Input("x", new TensorType(ElementType.Float, [1, Dimension.Named("time"), 6]))
        .Initializer("shape", [1L, -1, 2, 3], 4)
        .Node("Reshape", ["x", "shape"], ["y"])
        .Output("y"), [5, 6]);

    [Fact]
    public void Attention_heads_merged_with_the_samples() => AssertFreed(Attention());

    [Fact]
    public void A_squeeze_of_everything_keeps_the_samples() => AssertFreed(new ModelBuilder(11)
        .Input("x", ElementType.Float, 1, 3)
        .Initializer("w", OrtRun.Random(3), 3, 1)
        .Node("MatMul", ["x", "w"], ["m"])
        .Node("Squeeze", ["m"], ["y"])
        .Output("y"));

    [Fact]
    public void What_follows_a_squeeze_sees_its_new_rank() => AssertFreed(new ModelBuilder()
        .Input("x", ElementType.Float, 1, 1, 3)
        .Node("Squeeze", ["x"], ["s"])
        .Node("Sigmoid", ["s"], ["g"])
        .Node("Mul", ["g", "g"], ["y"])
        .Output("y"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Recurrent_state_is_repeated_for_every_sample(bool withTranspose)
    {
        ModelBuilder builder = new ModelBuilder()
            .Input("x", ElementType.Float, 1, 5, 3)
            .Initializer("w", OrtRun.Random(24), 1, 8, 3)
            .Initializer("r", OrtRun.Random(16, 2), 1, 8, 2)
            .Initializer("h", OrtRun.Random(2, 3), 1, 1, 2)
            .Initializer("c", OrtRun.Random(2, 4), 1, 1, 2)
            .Node("Transpose", ["x"], ["t"], ("perm", new long[] { 1, 0, 2 }))
            .Node("LSTM", ["t", "w", "r", "", "", "h", "c"], ["all", "last"], ("hidden_size", 2L));
        AssertFreed(withTranspose
            ? builder.Node("Transpose", ["all"], ["y"], ("perm", new long[] { 2, 0, 1, 3 })).Output("y")
            : builder.Initializer("axis", [0L], 1).Node("Squeeze", ["last", "axis"], ["y"]).Output("y"));
    }

    [Fact]
    public void A_learned_token_is_joined_to_every_sample() => AssertFreed(new ModelBuilder()
        .Input("x", ElementType.Float, 1, 4, 3)
        .Initializer("token", OrtRun.Random(3, 5), 1, 1, 3)
        .Node("Concat", ["token", "x"], ["y"], ("axis", 1L))
        .Output("y"));

    [Fact]
    public void Sizes_of_a_resize_no_longer_name_the_batch() => AssertFreed(new ModelBuilder()
        .Input("x", ElementType.Float, 1, 2, 4, 4)
        .Initializer("sizes", [1L, 2, 7, 9], 4)
        .Node("Resize", ["x", "", "", "sizes"], ["y"], ("mode", "linear"))
        .Output("y"));

    [Fact]
    public void Flatten_and_reductions_are_followed() => AssertFreed(new ModelBuilder()
        .Input("x", ElementType.Float, 1, 2, 4, 4)
        .Initializer("axes", [2L, 3], 2)
        .Node("ReduceMean", ["x", "axes"], ["m"], ("keepdims", 0L))
        .Node("Flatten", ["x"], ["f"])
        .Node("Concat", ["m", "f"], ["y"], ("axis", 1L))
        .Output("y"));

    [Fact]
    public void Indices_are_data_too()
    {
        ModelProto model = new ModelBuilder()
            .Input("ids", ElementType.Int64, 1, 4)
            .Initializer("table", OrtRun.Random(20), 10, 2)
            .Initializer("shape", [1L, 8], 2)
            .Node("Gather", ["table", "ids"], ["e"])
            .Node("Reshape", ["e", "shape"], ["y"])
            .Output("y").Build();

        ModelProto freed = ModelNormalizer.Normalize(model, new NormalizeOptions(), out NormalizationReport report);

        Assert.True(report.BatchIsFree, string.Join(" ", report.Notes));
        Assert.Equal([3L, 8], OrtRun.Run(freed, ("ids", new long[12], [3, 4]))["y"].Shape);
    }

    [Fact]
    public void A_setting_of_one_number_is_not_data()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", ElementType.Float, 1, 4)
            .Input("threshold", ElementType.Float, 1)
            .Node("Add", ["x", "threshold"], ["y"])
            .Output("y").Build();

        ModelProto freed = ModelNormalizer.Normalize(model, new NormalizeOptions(), out NormalizationReport report);

        Assert.True(report.BatchIsFree, string.Join(" ", report.Notes));
        Assert.Equal("Float[1]", TensorTypes.FromProto(freed.Graph.Input[1].Type)!.ToString());
    }

    [Theory]
    [InlineData("ReduceSum")]
    [InlineData("ReduceMax")]
    public void A_model_that_mixes_its_samples_stays_as_it_is(string opType)
    {
        ModelProto model = new ModelBuilder()
            .Input("x", ElementType.Float, 1, 4)
            .Initializer("axes", [0L], 1)
            .Node(opType, ["x", "axes"], ["y"])
            .Output("y").Build();

        ModelProto same = ModelNormalizer.Normalize(model, new NormalizeOptions(), out NormalizationReport report);

        Assert.False(report.BatchIsFree);
        Assert.Contains("reduces over the samples", Assert.Single(report.Notes), StringComparison.Ordinal);
        Assert.Equal("Float[1, 4]", TensorTypes.FromProto(same.Graph.Input[0].Type)!.ToString());
    }

    [Fact]
    public void A_mix_that_only_running_shows_is_found()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", ElementType.Float, 1, 4)
            .Initializer("axis", [0L])
            .Node("CumSum", ["x", "axis"], ["y"])
            .Output("y").Build();

        _ = ModelNormalizer.Normalize(model, new NormalizeOptions(), out NormalizationReport report);

        Assert.False(report.BatchIsFree);
        Assert.Contains("differs", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_fixed_batch_is_reported()
    {
        ModelProto model = new ModelBuilder().Input("x", ElementType.Float, 10, 4).Node("Relu", ["x"], ["y"]).Output("y").Build();

        _ = ModelNormalizer.Normalize(model, new NormalizeOptions(), out NormalizationReport report);

        Assert.Contains("leading dimension 10", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_not_tried_when_not_wanted()
    {
        ModelProto model = new ModelBuilder().Input("x", ElementType.Float, 1, 4).Node("Relu", ["x"], ["y"]).Output("y").Build();

        ModelProto same = ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false });

        Assert.Equal("Float[1, 4]", TensorTypes.FromProto(same.Graph.Output[0].Type)!.ToString());
    }

    /// <summary>Time first, heads merged with the samples: (time, sample, feature) to (sample and head, time, feature) and back.</summary>
    private static ModelBuilder Attention() => new ModelBuilder()
        .Input("x", ElementType.Float, 1, 5, 6)
        .Initializer("split", [5L, 2, 3], 3)
        .Initializer("join", [5L, 6], 2)
        .Initializer("back", [5L, 1, 6], 3)
        .Initializer("w", OrtRun.Random(36, 3), 6, 6)
        .Node("Transpose", ["x"], ["t"], ("perm", new long[] { 1, 0, 2 }))
        .Node("Reshape", ["t", "split"], ["s"])
        .Node("Transpose", ["s"], ["q"], ("perm", new long[] { 1, 0, 2 }))
        .Node("Transpose", ["s"], ["k"], ("perm", new long[] { 1, 2, 0 }))
        .Node("MatMul", ["q", "k"], ["scores"])
        .Node("Softmax", ["scores"], ["p"])
        .Node("MatMul", ["p", "q"], ["a"])
        .Node("Transpose", ["a"], ["at"], ("perm", new long[] { 1, 0, 2 }))
        .Node("Reshape", ["at", "join"], ["flat"])
        .Node("MatMul", ["flat", "w"], ["o"])
        .Node("Reshape", ["o", "back"], ["b"])
        .Node("Transpose", ["b"], ["y"], ("perm", new long[] { 1, 0, 2 }))
        .Output("y");

    private static ModelProto AssertFreed(ModelBuilder builder, long[]? sample = null)
    {
        ModelProto model = builder.Build();
        ModelProto freed = ModelNormalizer.Normalize(model, new NormalizeOptions(), out NormalizationReport report);

        Assert.True(report.BatchIsFree, string.Join(" ", report.Notes));
        TensorType input = TensorTypes.FromProto(freed.Graph.Input[0].Type)!;
        Assert.Equal("batch", input.Shape![0].Symbol);

        sample ??= [.. input.Shape.Skip(1).Select(dimension => dimension.Extent)];
        int size = (int)sample.Aggregate((product, extent) => product * extent);
        float[] data = OrtRun.Random(3 * size, 11);
        double[] together = OrtRun.Run(freed, ("x", data, [3, .. sample]))["y"].Numbers;
        for (int index = 0; index < 3; index++)
        {
            double[] alone = OrtRun.Run(model, ("x", data[(index * size)..((index + 1) * size)], [1, .. sample]))["y"].Numbers;
            for (int element = 0; element < alone.Length; element++)
                Assert.Equal(alone[element], together[(index * alone.Length) + element], 1e-5);
        }

        return freed;
    }
}
