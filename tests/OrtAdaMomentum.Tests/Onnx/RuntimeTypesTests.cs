using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

public class RuntimeTypesTests
{
    [Fact]
    public void Every_value_of_the_graph_has_a_type()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), 3]))
            .Initializer("w", OrtRun.Random(6), 3, 2)
            .Node("MatMul", ["x", "w"], ["h"])
            .Node("ReduceSum", ["h"], ["s"], ("keepdims", 0L))
            .Node("Shape", ["h"], ["shape"])
            .Output("s")
            .Build();

        var types = RuntimeTypes.Infer(model);

        Assert.Equal("Float[batch, 3]", types["x"].ToString());
        Assert.Equal("Float[3, 2]", types["w"].ToString());
        Assert.Equal("Float[batch, 2]", types["h"].ToString());
        Assert.Equal("Float[]", types["s"].ToString());
        Assert.Equal("Int64[2]", types["shape"].ToString());
    }

    [Fact]
    public void A_value_of_unknown_rank_is_not_taken_for_a_scalar()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", ElementType.Float, 4, 3)
            .Input("shape", new TensorType(ElementType.Int64, [Dimension.Unknown]))
            .Node("Reshape", ["x", "shape"], ["y"])
            .Output("y")
            .Build();

        Assert.Null(RuntimeTypes.Infer(model)["y"].Shape);
    }

    [Fact]
    public void The_rank_of_a_computed_shape_is_its_length_and_its_constant_parts_are_axes()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), 4, 3]))
            .Initializer("w", OrtRun.Random(24), 12, 2)
            .Initializer("rest", new[] { 12 }, 1)
            .Initializer("zero", new[] { 0L }, 1).Initializer("one", new[] { 1L }, 1)
            .Node("Shape", ["x"], ["shape"])
            .Node("Cast", ["shape"], ["narrow"], ("to", (long)ElementType.Int32))
            .Node("Slice", ["narrow", "zero", "one"], ["first"])
            .Node("Concat", ["first", "rest"], ["wanted"], ("axis", 0L))
            .Node("Cast", ["wanted"], ["wide"], ("to", (long)ElementType.Int64))
            .Node("Reshape", ["x", "wide"], ["y"])
            .Node("MatMul", ["y", "w"], ["z"])
            .Output("z")
            .Build();

        var types = RuntimeTypes.Infer(model);

        Assert.Equal("Float[?, 12]", types["y"].ToString());
        Assert.Equal("Float[?, 2]", types["z"].ToString());
    }

    [Fact]
    public void Large_weights_do_not_change_the_answer()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Unknown, 64]))
            .Initializer("w", new float[64 * 64], 64, 64)
            .Node("MatMul", ["x", "w"], ["y"])
            .Output("y")
            .Build();

        Assert.Equal("Float[?, 64]", RuntimeTypes.Infer(model)["y"].ToString());
    }

    [Fact]
    public void What_the_runtime_rejects_is_reported_with_the_node()
    {
        ModelProto model = new ModelBuilder()
            .Input("x", ElementType.Float, 1, 3)
            .Initializer("w", OrtRun.Random(8), 4, 2)
            .Node("MatMul", ["x", "w"], ["y"])
            .Output("y")
            .Build();

        var error = Assert.Throws<OnnxModelException>(() => RuntimeTypes.Infer(model));

        Assert.Contains("node 'MatMul_y' (MatMul)", error.Message, StringComparison.Ordinal);
    }
}
