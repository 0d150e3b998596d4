using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using static OrtAdaMomentum.Tests.Onnx.ConvertedModel;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Convolution, pooling and normalisation are the same in all versions; the runtime's kernels of these versions must agree.</summary>
public class WindowOpsetTests
{
    private static readonly (string, object)[] Window =
        [("kernel_shape", new long[] { 3, 2 }), ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 0, 1, 1 })];

    [Theory]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(18)]
    [InlineData(22)]
    public void Pooling(int opset)
    {
        foreach (string opType in (string[])["AveragePool", "LpPool", "MaxPool"])
            AssertSame(One(opset, opType, [2, 3, 6, 5], Window));
        // The runtime has no kernel for version 22 of GlobalLpPool.
        foreach (string opType in (string[])[.. opset < 22 ? ["GlobalLpPool"] : Array.Empty<string>(), "GlobalAveragePool", "GlobalMaxPool"])
            AssertSame(One(opset, opType, [2, 3, 4, 5]));
        AssertSame(One(opset, "AveragePool", [2, 3, 6, 5], [.. Window, ("count_include_pad", 1L)]));
    }

    [Theory]
    [InlineData(7, "SAME_UPPER")]
    [InlineData(10, "SAME_LOWER")]
    [InlineData(22, "SAME_LOWER")]
    public void Pooling_with_automatic_padding(int opset, string mode)
    {
        foreach (string opType in (string[])["AveragePool", "LpPool", "MaxPool"])
            AssertSame(One(opset, opType, [2, 3, 6, 5], ("kernel_shape", new long[] { 3, 2 }), ("strides", new long[] { 2, 2 }), ("auto_pad", mode)));
    }

    [Theory]
    [InlineData("AveragePool", 10, 0)]
    [InlineData("AveragePool", 11, 1)]
    [InlineData("AveragePool", 18, 1)]
    [InlineData("AveragePool", 22, 1)]
    [InlineData("LpPool", 18, null)]
    [InlineData("MaxPool", 10, null)]
    [InlineData("MaxPool", 22, null)]
    public void Pooling_rounded_up(string opType, int opset, int? countsPadding)
    {
        (string, object)[] attributes = [.. Window, ("ceil_mode", 1L)];
        AssertSame(One(opset, opType, [2, 3, 6, 6], countsPadding is { } counts ? [.. attributes, ("count_include_pad", (long)counts)] : attributes));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(22)]
    public void Convolution(int opset) => AssertSame(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 2, 2, 5, 4)
        .Initializer("w", OrtRun.Random(3 * 2 * 3 * 2, 1), 3, 2, 3, 2)
        .Node("Conv", ["x", "w"], ["c"], Window)
        .Node("ConvTranspose", ["c", "w"], ["y"], Window)
        .Node("ConvTranspose", ["c", "w"], ["z"], ("strides", new long[] { 2, 2 }), ("output_shape", new long[] { 6, 4 }))
        .Output("c", "y", "z"));

    [Theory]
    [InlineData(9)]
    [InlineData(12)]
    [InlineData(22)]
    public void Unpooling(int opset) => AssertSame(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 2, 2, 4, 4)
        .Node("MaxPool", ["x"], ["p", "i"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }))
        .Node("MaxUnpool", ["p", "i"], ["y"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }))
        .Output("y"));

    [Theory]
    [InlineData(7)]
    [InlineData(13)]
    [InlineData(22)]
    public void Normalization(int opset)
    {
        AssertSame(new ModelBuilder(opset)
            .Input("x", ElementType.Float, 2, 3, 4, 2)
            .Initializer("scale", [1f, 2, 3], 3)
            .Initializer("bias", [0.5f, -1, 0], 3)
            .Node("InstanceNormalization", ["x", "scale", "bias"], ["y"])
            .Output("y"));
        AssertSame(One(opset, "LRN", [2, 5, 2, 2], ("size", 3L), ("alpha", 0.5f)));
        AssertSame(One(opset, "LpNormalization", [2, 5], ("p", 1L)));
        if (opset >= 9)
            AssertSame(One(opset, "MeanVarianceNormalization", [2, 3, 4, 2], ("axes", new long[] { 2, 3 })));
    }

    [Theory]
    [InlineData(18)]
    [InlineData(22)]
    public void Blocks_and_cropping(int opset)
    {
        AssertSame(new ModelBuilder(opset)
            .Input("x", ElementType.Float, 1, 4, 6)
            .Initializer("image", [3L, 4], 2)
            .Initializer("block", [2L, 2], 2)
            .Node("Col2Im", ["x", "image", "block"], ["y"])
            .Output("y"));
        AssertSame(new ModelBuilder(opset)
            .Input("x", ElementType.Float, 2, 5)
            .Initializer("shape", [4L, 2], 2)
            .Node("CenterCropPad", ["x", "shape"], ["y"])
            .Output("y"));
    }

    [Fact]
    public void Regions() => AssertSame(new ModelBuilder(7)
        .Input("x", ElementType.Float, 1, 2, 4, 4)
        .Initializer("regions", [0f, 0, 1, 3, 3], 1, 5)
        .Node("MaxRoiPool", ["x", "regions"], ["y"], ("pooled_shape", new long[] { 2, 2 }))
        .Output("y"));
}
