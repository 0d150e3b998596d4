using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts;

/// <summary>Which constants of a model count as weights.</summary>
public class CandidateParameterTests
{
    [Theory]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-1e9f)]
    [InlineData(-10_000f)]
    public void A_mask_that_is_added_to_scores_is_no_weight(float masked)
    {
        var model = Scores().Initializer("mask", new float[] { 0, masked, 0, 0 }, 2, 2).Node("Add", ["scores", "mask"], ["y"]).Output("y");
        Assert.Equal(["w"], Names(model));
    }

    [Fact]
    public void A_bias_of_zeros_is_a_weight()
    {
        var model = Scores().Initializer("bias", new float[2], 2).Node("Add", ["scores", "bias"], ["y"]).Output("y");
        Assert.Equal(["w", "bias"], Names(model));
    }

    [Fact]
    public void Tables_of_angles_and_masks_are_no_weights_when_their_operator_is_written_out()
    {
        var model = new ModelBuilder(23, irVersion: 11).Input("x", ElementType.Float, 1, 2, 3, 4).Initializer("w", OrtRun.Random(16), 4, 4)
            .Initializer("cos", OrtRun.Random(6), 3, 2).Initializer("sin", OrtRun.Random(6, seed: 2), 3, 2)
            .Initializer("positions", new long[] { 0, 1, 2 }, 1, 3).Initializer("bias", OrtRun.Random(9), 3, 3)
            .Node("MatMul", ["x", "w"], ["q"])
            .Node("RotaryEmbedding", ["q", "cos", "sin", "positions"], ["turned"])
            .Node("Attention", ["turned", "turned", "q", "bias"], ["y"]).Output("y");
        Assert.Equal(["w"], Names(model));
    }

    private static ModelBuilder Scores() =>
        new ModelBuilder().Input("x", ElementType.Float, 2, 2).Initializer("w", OrtRun.Random(4), 2, 2).Node("MatMul", ["x", "w"], ["scores"]);

    private static IEnumerable<string> Names(ModelBuilder builder) =>
        ArtifactGenerator.Inspect(OnnxModel.Load(builder.ToBytes()), new ArtifactOptions { Loss = new OrtAdaMomentum.Losses.MeanSquaredErrorLoss(), FreeBatch = false })
            .Parameters.Select(static parameter => parameter.Name);
}
