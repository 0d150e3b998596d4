using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Extents that ONNX Runtime leaves open get the names of those that they equal.</summary>
public class SymbolicExtentsTests
{
    [Fact]
    public void A_batch_is_known_again_behind_a_reshape()
    {
        var types = Name(new ModelBuilder().Input("x", Float("batch", 16, 32)).Initializer("split", new long[] { -1, 16, 4, 8 }, 4)
            .Node("Reshape", ["x", "split"], ["heads"]).Node("Transpose", ["heads"], ["y"], ("perm", new long[] { 0, 2, 1, 3 })));
        Assert.Equal("Float[batch, 4, 16, 8]", types["y"].ToString());
    }

    [Fact]
    public void A_multiple_of_a_symbol_is_called_so()
    {
        var types = Name(new ModelBuilder().Input("x", Float("batch", 16, 32)).Initializer("rows", new long[] { -1, 32 }, 2).Node("Reshape", ["x", "rows"], ["y"]));
        Assert.Equal("Float[16*batch, 32]", types["y"].ToString());
    }

    [Fact]
    public void Extents_that_are_the_same_function_of_a_symbol_get_one_name()
    {
        var types = Name(new ModelBuilder().Input("x", Float(1, 1, "height", 8)).Initializer("w", new float[9], 1, 1, 3, 3)
            .Node("Conv", ["x", "w"], ["a"], ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 1, 1, 1 }))
            .Node("Conv", ["x", "w"], ["b"], ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 1, 1, 1 }))
            .Node("MaxPool", ["x"], ["c"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })));
        Assert.True(types["a"].Shape![2].CertainlyEquals(types["b"].Shape![2]));
        Assert.False(types["a"].Shape![2].CertainlyEquals(types["c"].Shape![2])); // One rounds up, the other down.
    }

    [Fact]
    public void An_extent_that_something_bounds_stays_open()
    {
        var types = Name(new ModelBuilder().Input("x", Float("length", 2)).Initializer("from", new long[] { 0 }, 1).Initializer("to", new long[] { 100 }, 1).Initializer("axis", new long[] { 0 }, 1)
            .Node("Slice", ["x", "from", "to", "axis"], ["y"]));
        Assert.Null(types["y"].Shape![0].Symbol);
        Assert.False(types["y"].Shape![0].IsStatic);
    }

    [Fact]
    public void An_input_axis_without_a_name_is_named_after_the_input()
    {
        var types = Name(new ModelBuilder().Input("x", new TensorType(ElementType.Float, [Dimension.Unknown, 4])).Initializer("rows", new long[] { -1, 2, 2 }, 3)
            .Node("Reshape", ["x", "rows"], ["y"]));
        Assert.Equal("Float[x.0, 2, 2]", types["y"].ToString());
    }

    [Fact]
    public void A_model_that_takes_only_some_extents_keeps_what_the_runtime_says()
    {
        var types = Name(new ModelBuilder().Input("x", Float("batch", 3)).Initializer("shape", new long[] { 2, -1 }, 2).Node("Reshape", ["x", "shape"], ["open"])
            .Input("y", Float("other")).Initializer("seven", new float[7], 7).Node("Add", ["y", "seven"], ["sum"]));
        Assert.Null(types["open"].Shape![1].Symbol);
    }

    [Fact]
    public void A_sequence_that_must_be_short_is_followed_through_shapes_that_are_computed()
    {
        // As exports have it: the shape of a reshape is put together from parts of other shapes.
        var types = Name(new ModelBuilder().Input("x", Float("batch", "length", 8)).Initializer("positions", new float[50 * 8], 50, 8)
            .Initializer("zero", new long[] { 0 }, 1).Initializer("one", new long[] { 1 }, 1).Initializer("heads", new long[] { 2, 4 }, 2)
            .Node("Shape", ["x"], ["shape"]).Node("Gather", ["shape", "zero"], ["batch"]).Node("Gather", ["shape", "one"], ["length"])
            .Node("Slice", ["positions", "zero", "length"], ["used"]).Node("Add", ["x", "used"], ["sum"])
            .Node("Concat", ["batch", "length", "heads"], ["split"], ("axis", 0L)).Node("Reshape", ["sum", "split"], ["y"]));
        Assert.Equal("Float[batch, length, 2, 4]", types["y"].ToString());
    }

    private static TensorType Float(params object[] axes) =>
        new(ElementType.Float, [.. axes.Select(static axis => axis is string symbol ? Dimension.Named(symbol) : Dimension.Of((int)axis))]);

    private static IReadOnlyDictionary<string, TensorType> Name(ModelBuilder builder)
    {
        var model = builder.Build();
        return SymbolicExtents.Name(model, RuntimeTypes.Infer(model));
    }
}
