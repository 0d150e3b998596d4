using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Every older way to resize must compute the same after the conversion.</summary>
public class ResizeConversionTests
{
    private static readonly NormalizeOptions Fixed = new() { FreeBatch = false };

    [Theory]
    [InlineData(2f, 0.6f)]
    [InlineData(0.45f, 1.7f)]
    [InlineData(1f, 1f)]
    public void Nearest_pixels_of_version_10_grow_and_shrink(float height, float width) => AssertSame(new ModelBuilder(10)
        .Input("x", ElementType.Float, 1, 2, 5, 7)
        .Initializer("s", [1f, 1f, height, width], 4)
        .Node("Resize", ["x", "s"], ["y"], ("mode", "nearest"))
        .Output("y"));

    [Theory]
    [InlineData("nearest", 2f, 0.6f)]
    [InlineData("nearest", 1.7f, 3f)]
    [InlineData("linear", 1.7f, 0.5f)]
    public void Scales_of_version_10_may_be_computed(string mode, float height, float width) => AssertSame(
        new ModelBuilder(10)
            .Input("x", ElementType.Float, 1, 2, 5, 7)
            .Input("s", ElementType.Float, 4)
            .Node("Resize", ["x", "s"], ["y"], ("mode", mode))
            .Output("y"),
        1, 1, height, width);

    [Theory]
    [InlineData(2.3f)]
    [InlineData(0.6f)]
    public void Nearest_pixels_of_TensorFlow(float scale) => AssertSame(new ModelBuilder(11)
        .Input("x", ElementType.Float, 1, 2, 5, 7)
        .Initializer("roi", Array.Empty<float>(), 0)
        .Initializer("s", [1f, 1f, scale, scale], 4)
        .Node(
            "Resize", ["x", "roi", "s"], ["y"],
            ("mode", "nearest"), ("nearest_mode", "floor"), ("coordinate_transformation_mode", "tf_half_pixel_for_nn"))
        .Output("y"));

    [Fact]
    public void Other_roundings_of_TensorFlow_are_refused()
    {
        ModelProto model = new ModelBuilder(11)
            .Input("x", ElementType.Float, 1, 2, 5, 7)
            .Initializer("roi", Array.Empty<float>(), 0)
            .Initializer("s", [1f, 1f, 2f, 2f], 4)
            .Node("Resize", ["x", "roi", "s"], ["y"], ("mode", "linear"), ("coordinate_transformation_mode", "tf_half_pixel_for_nn"))
            .Output("y").Build();
        var error = Assert.Throws<OnnxModelException>(() => ModelNormalizer.Normalize(model, Fixed));
        Assert.Contains("tf_half_pixel_for_nn", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(18)]
    [InlineData(19)]
    public void Regions_of_every_version(int opset) => AssertSame(new ModelBuilder(opset)
        .Input("x", ElementType.Float, 1, 2, 5, 7)
        .Initializer("roi", [0f, 0, 0.2f, -0.1f, 1, 1, 0.9f, 1.1f], 8)
        .Initializer("s", [1f, 1f, 2f, 0.7f], 4)
        .Node(
            "Resize", ["x", "roi", "s"], ["y"],
            ("mode", "linear"), ("coordinate_transformation_mode", "tf_crop_and_resize"), ("extrapolation_value", 2f))
        .Output("y"));

    [Theory]
    [InlineData("nearest")]
    [InlineData("linear")]
    public void Upsample_with_computed_scales(string mode) => AssertSame(
        new ModelBuilder(9)
            .Input("x", ElementType.Float, 1, 2, 5, 7)
            .Input("s", ElementType.Float, 4)
            .Node("Upsample", ["x", "s"], ["y"], ("mode", mode))
            .Output("y"),
        1, 1, 2, 1.5f);

    private static void AssertSame(ModelBuilder builder, params float[] scales)
    {
        ModelProto model = builder.Build();
        ModelProto converted = ModelNormalizer.Normalize(model, Fixed);
        (string, Array, long[])[] inputs = [("x", OrtRun.Random(70), [1, 2, 5, 7]), ("s", scales, [4])];
        inputs = inputs[..model.Graph.Input.Count];
        OrtRun.AssertClose(OrtRun.Run(model, inputs)["y"], OrtRun.Run(converted, inputs)["y"]);
    }
}
