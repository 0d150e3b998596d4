using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using static OrtAdaMomentum.Tests.Onnx.ConvertedModel;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Operators on images: each converted model must compute what the original computes.</summary>
public class ImageOpsetTests
{
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
}
