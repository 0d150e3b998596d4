using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Operators that came after the internal opset, written out with those that it has.</summary>
public class LoweredOperatorTests
{
    [Theory]
    [InlineData(0, 0L, 0L)]
    [InlineData(1, 1L, 0L)]
    [InlineData(-1, 0L, 1L)]
    [InlineData(2, 1L, 1L)]
    public void CumProd_is_a_product_over_a_mask(int axis, long exclusive, long reverse)
    {
        var model = new ModelBuilder(26, irVersion: 13).Input("x", ElementType.Float, 2, 3, 4).Initializer("axis", new long[] { axis })
            .Node("CumProd", ["x", "axis"], ["y"], ("exclusive", exclusive), ("reverse", reverse)).Output("y");
        AssertSame(model, ("x", OrtRun.Random(24), [2, 3, 4]));
    }

    [Fact]
    public void CumProd_along_an_open_axis_is_refused_with_its_name()
    {
        var model = new ModelBuilder(26, irVersion: 13).Input("x", new TensorType(ElementType.Float, [Dimension.Named("length")]))
            .Initializer("axis", new long[] { 0 }).Node("CumProd", ["x", "axis"], ["y"]).Output("y").Build();
        var error = Assert.Throws<OnnxModelException>(() => ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false }));
        Assert.Contains("CumProd", error.Message, StringComparison.Ordinal);
        Assert.Contains("no fixed extent", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linear", -2)]
    [InlineData("circular", 1)]
    public void TensorScatter_writes_into_a_cache(string mode, long axis)
    {
        var model = new ModelBuilder(24, irVersion: 12).Input("cache", ElementType.Float, 2, 5, 3).Input("update", ElementType.Float, 2, 2, 3)
            .Initializer("starts", mode == "circular" ? new long[] { 4, 1 } : [3, 0], 2)
            .Node("TensorScatter", ["cache", "update", "starts"], ["y"], ("mode", mode), ("axis", axis)).Output("y");
        AssertSame(model, ("cache", OrtRun.Random(30), [2, 5, 3]), ("update", OrtRun.Random(12, seed: 2), [2, 2, 3]));
    }

    [Fact]
    public void TensorScatter_begins_at_the_first_place_when_none_is_given()
    {
        var model = new ModelBuilder(24, irVersion: 12).Input("cache", ElementType.Float, 2, 2, 5, 3).Input("update", ElementType.Float, 2, 2, 4, 3)
            .Node("TensorScatter", ["cache", "update"], ["y"]).Output("y");
        AssertSame(model, ("cache", OrtRun.Random(60), [2, 2, 5, 3]), ("update", OrtRun.Random(48, seed: 2), [2, 2, 4, 3]));
    }

    [Fact]
    public void An_operator_that_the_runtime_can_run_in_the_internal_version_only_is_taken()
    {
        var model = new ModelBuilder(22).Input("x", ElementType.Float, 1, 2, 3, 3).Node("GlobalLpPool", ["x"], ["y"], ("p", 2L)).Output("y").Build();
        Assert.Throws<Microsoft.ML.OnnxRuntime.OnnxRuntimeException>(() => OrtRun.Run(model, ("x", OrtRun.Random(18), [1, 2, 3, 3])));
        var lowered = ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false });
        Assert.Equal(2, OrtRun.Run(lowered, ("x", OrtRun.Random(18), [1, 2, 3, 3]))["y"].Floats.Length);
    }

    private static void AssertSame(ModelBuilder builder, params (string, Array, long[])[] feeds)
    {
        var model = builder.Build();
        var lowered = ModelNormalizer.Normalize(model, new NormalizeOptions { FreeBatch = false });
        Assert.Equal(ModelNormalizer.TargetOpset, lowered.OpsetImport.Single(static import => import.Domain.Length == 0).Version);
        OrtRun.AssertClose(OrtRun.Run(model, feeds)["y"], OrtRun.Run(lowered, feeds)["y"]);
    }
}
