using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Tests.Losses;

/// <summary>Losses stay finite where the probabilities that a model gives are 0 or 1.</summary>
public sealed class StabilityTests
{
    private const float Far = 1e4f;

    [Theory]
    [InlineData("Identity")]
    [InlineData("Softmax")]
    [InlineData("LogSoftmax")]
    public void Cross_entropy_of_far_logits_is_finite(string ending)
    {
        float[] logits = [Far, -Far, 0, -Far, Far, 0, Far, Far, -Far];
        var (value, gradient) = LossGraph.Build(new CrossEntropyLoss(), ending, 3, 3).Run(logits, [3, 3], new long[] { 0, 0, 2 }, [3]);
        Assert.Equal((4 * Far + MathF.Log(2)) / 3, value, 1e-6f * Far);
        float[] expected = [0, 0, 0, -1, 1, 0, 0.5f, 0.5f, -1];
        AssertClose([.. expected.Select(static element => element / 3)], gradient);
    }

    [Theory]
    [InlineData("Identity")]
    [InlineData("Softmax")]
    [InlineData("LogSoftmax")]
    public void Soft_cross_entropy_of_far_logits_is_finite(string ending)
    {
        float[] logits = [Far, -Far, -Far, Far];
        var (value, gradient) = LossGraph.Build(new CrossEntropyLoss { SoftLabels = true, LabelSmoothing = 0.5 }, ending, 2, 2)
            .Run(logits, [2, 2], new float[] { 1, 0, 1, 0 }, [2, 2]);
        Assert.Equal(Far, value, 1e-5f * Far);
        AssertClose([0.125f, -0.125f, -0.375f, 0.375f], gradient);
    }

    [Theory]
    [InlineData("Identity", 1)]
    [InlineData("Sigmoid", 1)]
    [InlineData("Sigmoid", 3)]
    public void Binary_cross_entropy_of_far_logits_is_finite(string ending, int positiveWeight)
    {
        float[] logits = [Far, Far, -Far, -Far];
        var (value, gradient) = LossGraph.Build(new BinaryCrossEntropyLoss { PositiveWeight = positiveWeight }, ending, 2, 2)
            .Run(logits, [2, 2], new float[] { 0, 1, 0, 1 }, [2, 2]);
        Assert.Equal((1 + positiveWeight) * Far / 4, value, 1e-5f * Far);
        AssertClose([0.25f, 0, 0, -0.25f * positiveWeight], gradient);
    }

    [Fact]
    public void Binary_cross_entropy_of_a_confident_right_answer_keeps_its_digits()
    {
        float[] logits = [-8, 8];
        var (value, _) = LossGraph.Build(new BinaryCrossEntropyLoss(), "Identity", 1, 2).Run(logits, [1, 2], new float[] { 0, 1 }, [1, 2]);
        Assert.Equal(1, value / Math.Log(1 + Math.Exp(-8)), 1e-3);
    }

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.2, false)]
    [InlineData(0.0, true)]
    [InlineData(0.2, true)]
    public void A_batch_whose_positions_are_all_ignored_has_loss_zero_and_no_gradient(double smoothing, bool weighted)
    {
        var loss = new CrossEntropyLoss { IgnoreIndex = -100, LabelSmoothing = smoothing, ClassWeights = weighted ? [1, 2, 3] : null };
        var (value, gradient) = LossGraph.Build(loss, "Softmax", 2, 3).Run([1, 2, 3, 4, 5, -6], [2, 3], new long[] { -100, -100 }, [2]);
        Assert.Equal(0, value);
        Assert.All(gradient, static element => Assert.Equal(0, element));
    }

    [Fact]
    public void A_batch_whose_classes_all_have_weight_zero_has_loss_zero_and_no_gradient()
    {
        var (value, gradient) = LossGraph.Build(new CrossEntropyLoss { ClassWeights = [0, 1, 1] }, "Softmax", 2, 3)
            .Run([1, 2, 3, 4, 5, -6], [2, 3], new long[] { 0, 0 }, [2]);
        Assert.Equal(0, value);
        Assert.All(gradient, static element => Assert.Equal(0, element));
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), static pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }
}
