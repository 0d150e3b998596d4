using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Normalization;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using static OrtAdaMomentum.Tests.Onnx.ConvertedModel;

namespace OrtAdaMomentum.Tests.Onnx;

/// <summary>Operators that normalise: each converted model must compute what the original computes.</summary>
public class NormalizationOpsetTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(14)]
    public void BatchNormalization_for_inference(int opset) => AssertSame(BatchNorm(opset, [3]));

    [Fact]
    public void BatchNormalization_per_element() => AssertSame(BatchNorm(7, [3, 4], ("spatial", 0L)));

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
}
