using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using static OrtAdaMomentum.Tests.Onnx.ConvertedModel;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Which versions are converted, from the oldest to the newest, and what is said of what is not.</summary>
public class OpsetRangeTests
{
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
}
