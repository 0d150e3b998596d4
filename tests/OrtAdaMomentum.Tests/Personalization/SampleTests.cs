using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public class SampleTests
{
    private static readonly SampleSchema Schema = SampleSchema.Of(TinyClassifier.Manifest);

    [Fact]
    public void A_tensor_keeps_a_copy_of_its_values()
    {
        float[] values = [1, 2, 3, 4];
        var tensor = SampleTensor.Of<float>(values, 2, 2);
        values[0] = 9;

        Assert.Equal([1, 2, 3, 4], tensor.Values<float>());
        Assert.Equal("Float[2, 2]", tensor.ToString());
    }

    [Fact]
    public void A_tensor_of_the_wrong_length_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(static () => SampleTensor.Of<float>([1, 2, 3], 2, 2));
        Assert.Contains("3 elements were given, but shape [2, 2] takes 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_size_of_a_shape_does_not_overflow() =>
        Assert.Throws<ArgumentException>(static () => SampleTensor.FromBytes(ElementType.Float, [], long.MaxValue, long.MaxValue, 0));

    [Fact]
    public void Equal_samples_have_equal_keys_and_others_different_ones()
    {
        var keys = TinyClassifier.Samples(1000).Select(static sample => sample.Key).ToHashSet();
        var wrong = TinyClassifier.Samples(1, wrong: true).Single();

        Assert.Equal(1000, keys.Count);
        Assert.Contains(TinyClassifier.Samples(1).Single().Key, keys);
        Assert.DoesNotContain(wrong.Key, keys);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(-1, false)]
    public void A_label_has_to_be_a_class(long label, bool fits)
    {
        var sample = new Sample("x", SampleTensor.Of<float>([0, 0], 2), SampleTensor.Scalar(label));
        if (fits)
            SampleCheck.Check(Schema, sample);
        else
            Refused(sample, $"Label {label} is out of range: the model has classes 0 to 1.");
    }

    [Fact]
    public void What_does_not_fit_the_model_is_refused_with_the_place()
    {
        var label = SampleTensor.Scalar(1L);
        Refused(new Sample("x", SampleTensor.Of<float>([0, 0, 0], 3), label), "Input 'x' is Float[3], but the model takes Float[2] per sample.");
        Refused(new Sample("x", SampleTensor.Of<double>([0, 0], 2), label), "Input 'x' is Double[2], but the model takes Float[2] per sample.");
        Refused(new Sample("x", SampleTensor.Of<float>([0, float.NaN], 2), label), "Input 'x' is NaN or infinite at element 1.");
        Refused(new Sample("y", SampleTensor.Of<float>([0, 0], 2), label), "The sample has no input 'x'. The model's inputs: x.");
        Refused(new Sample("x", SampleTensor.Of<float>([0, 0], 2), SampleTensor.Scalar(1)), "Target 'labels' is Int32[], but the model takes Int64[] per sample.");
        var tooMuch = new Dictionary<string, SampleTensor> { ["x"] = SampleTensor.Of<float>([0, 0], 2), ["z"] = label };
        Refused(new Sample(tooMuch, label), "The model has no input 'z'. The model's inputs: x.");
    }

    [Theory]
    [InlineData(TargetKind.ClassProbabilities, 0.5f, 0.5f, "")]
    [InlineData(TargetKind.ClassProbabilities, 0.5f, 0.6f, "Class weights in target 'labels' must sum to 1, their sum was 1.1.")]
    [InlineData(TargetKind.ClassProbabilities, -1f, 2f, "Class weights in target 'labels' must not be negative, one was -1.")]
    [InlineData(TargetKind.Probability, 0f, 1f, "")]
    [InlineData(TargetKind.Probability, 0f, 2f, "Target 'labels' must be between 0 and 1, was 2.")]
    [InlineData(TargetKind.Value, -7f, 1e9f, "")]
    [InlineData(TargetKind.Value, float.PositiveInfinity, 0f, "Target 'labels' is NaN or infinite at element 0.")]
    public void A_target_is_checked_by_its_kind(TargetKind kind, float first, float second, string problem)
    {
        var schema = SampleSchema.Of(TinyClassifier.Manifest with
        {
            TargetKind = kind,
            Target = new("labels", ElementType.Float, [Dimension.Named("batch"), 2]),
        });
        var sample = new Sample("x", SampleTensor.Of<float>([0, 0], 2), SampleTensor.Of<float>([first, second], 2));
        if (problem.Length == 0)
            SampleCheck.Check(schema, sample);
        else
            Assert.Equal(problem, Assert.Throws<InvalidSampleException>(() => SampleCheck.Check(schema, sample)).Message);
    }

    [Fact]
    public void A_model_whose_batch_is_fixed_is_refused()
    {
        var manifest = TinyClassifier.Manifest with { Inputs = [new("x", ElementType.Float, [8, Dimension.Named("length")])] };
        var error = Assert.Throws<FineTuningException>(() => SampleSchema.Of(manifest));
        Assert.Contains("'x: Float[8, length]' has no free batch axis in front", error.Message, StringComparison.Ordinal);
    }

    private static void Refused(Sample sample, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidSampleException>(() => SampleCheck.Check(Schema, sample)).Message);
}
