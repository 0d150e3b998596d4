using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;

namespace OrtAdaMomentum.Tests.Personalization.Samples;

/// <summary>Samples of models that leave the extent of an axis open.</summary>
public class OpenAxisTests
{
    [Fact]
    public void The_open_axes_are_known_by_name_and_place_with_their_limits()
    {
        var schema = SequenceReader.Schema(new() { ["time"] = 30, ["labels[0]"] = 6 });

        Assert.Equal(["features[0] (time)", "labels[0]"], schema.OpenAxes.Select(static axis => axis.ToString()));
        Assert.Equal([(1, 30), (0, 6)], schema.OpenAxes.Select(static axis => (axis.Least, axis.Most)));
        Assert.Equal(new Dictionary<string, long> { ["features[0]"] = 30, ["labels[0]"] = 6 }, schema.Dataset.MaximumExtents);
        Assert.Equal("Float[time, 5]", schema.Describe(schema.Inputs[0]));
        Assert.Equal("Int64[?]", schema.Describe(schema.Target));
    }

    [Fact]
    public void Axes_of_one_name_have_to_keep_the_least_of_their_limits()
    {
        var axes = SampleSchema.Of(Tagger(), new Dictionary<string, long> { ["time"] = 30, ["mask[0]"] = 20 }).OpenAxes;
        Assert.Equal([20, 20, 20], axes.Select(static axis => axis.Most!.Value));
    }

    [Fact]
    public void A_limit_of_no_open_axis_is_refused_with_those_there_are()
    {
        var error = Assert.Throws<FineTuningException>(() => SequenceReader.Schema(new() { ["features[1]"] = 5 }));
        Assert.Equal("MaximumExtents:features[1] is of no open axis of the model. Its open axes: features[0] (time), labels[0].", error.Message);
        error = Assert.Throws<FineTuningException>(() => SampleSchema.Of(TinyClassifier.Manifest, new Dictionary<string, long> { ["time"] = 5 }));
        Assert.Contains("Its open axes: none.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_whose_extent_follows_from_no_input_is_refused()
    {
        var manifest = Tagger() with { Target = new TensorInfo("labels", ElementType.Int64, [Dimension.Named("batch"), Dimension.Unknown]) };
        Assert.Contains(
            "Axis 1 of the target 'labels: Int64[batch, ?]' is not fixed, and it is not known which input it is as long as",
            Assert.Throws<FineTuningException>(() => SampleSchema.Of(manifest)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_of_any_extents_within_the_limits_fit()
    {
        var schema = SequenceReader.Schema(new() { ["time"] = 30 });
        foreach (var sample in SequenceReader.Samples(20))
            SampleCheck.Check(schema, sample);
        SampleCheck.Check(schema, Sample([30, 5], [1, 2, 3]));
        SampleCheck.Check(schema, Sample([1, 5], []));
        // Filled up as in data of one shape.
        SampleCheck.Check(schema, Sample([4, 5], [1, 2, -1]));
    }

    [Theory]
    [InlineData(new long[] { 31, 5 }, new long[] { 1 }, "Input features[0] (time) has an extent of 31, more than the 30 that MaximumExtents allows.")]
    [InlineData(new long[] { 0, 5 }, new long[] { 1 }, "Input features[0] (time) must have an extent of at least 1, was 0.")]
    [InlineData(new long[] { 4, 4 }, new long[] { 1 }, "Input 'features' is Float[4, 4], but the model takes Float[time, 5] per sample.")]
    [InlineData(new long[] { 5 }, new long[] { 1 }, "Input 'features' is Float[5], but the model takes Float[time, 5] per sample.")]
    [InlineData(new long[] { 4, 5 }, new long[] { 1, 2, 3, 4, 1, 2, 3 }, "Target labels[0] has an extent of 7, more than the 6 that MaximumExtents allows.")]
    [InlineData(new long[] { 4, 5 }, new long[] { 1, 5 }, "Target 'labels' is no sequence of classes: class 5 is not one of the model's 5 classes (0 to 4).")]
    [InlineData(new long[] { 4, 5 }, new long[] { 1, 0 }, "Target 'labels' is no sequence of classes: class 0 is the blank, which targets do not hold.")]
    [InlineData(new long[] { 4, 5 }, new long[] { -1, 2 }, "Target 'labels' is no sequence of classes: class 2 stands behind the -1 that ends the sequence.")]
    public void A_sample_that_does_not_fit_is_refused_with_what_and_where(long[] shape, long[] letters, string said)
    {
        var schema = SequenceReader.Schema(new() { ["time"] = 30, ["labels[0]"] = 6 });
        Assert.StartsWith(said, Assert.Throws<InvalidSampleException>(() => SampleCheck.Check(schema, Sample(shape, letters))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7, 7, 7, null)]
    [InlineData(7, 6, 7, "mask[0] has an extent of 6, but ids[0] one of 7; both are the model's 'time'.")]
    [InlineData(7, 7, 8, "labels[0] has an extent of 8, but ids[0] one of 7; both are the model's 'time'.")]
    public void Axes_of_one_name_have_one_extent(int ids, int mask, int labels, string? said)
    {
        var schema = SampleSchema.Of(Tagger());
        var inputs = new Dictionary<string, SampleTensor> { ["ids"] = SampleTensor.Of<long>(new long[ids], ids), ["mask"] = SampleTensor.Of<long>(new long[mask], mask) };
        var sample = new Sample(inputs, SampleTensor.Of<long>(new long[labels], labels));
        if (said is null)
            SampleCheck.Check(schema, sample);
        else
            Assert.Equal(said, Assert.Throws<InvalidSampleException>(() => SampleCheck.Check(schema, sample)).Message);
    }

    [Fact]
    public void Samples_over_a_limit_that_was_lowered_are_left_out_of_a_run()
    {
        var samples = SequenceReader.Samples(30).ToList();
        int fitting = samples.Count(static sample => sample.Inputs["features"].Shape[0] <= 10);
        Assert.InRange(fitting, 1, 29);

        var fit = SnapshotFit.Of(new SampleSnapshot("run", samples, []), SequenceReader.Schema(new() { ["time"] = 10 }), out int left, out string example);

        Assert.Equal((fitting, 30 - fitting), (fit.Training.Count, left));
        Assert.Contains("more than the 10", example, StringComparison.Ordinal);
    }

    private static Sample Sample(long[] shape, long[] letters) => new(
        "features", SampleTensor.Of<float>(new float[shape.Aggregate(1L, static (product, extent) => product * extent)], shape), SampleTensor.Of<long>(letters, letters.Length));

    /// <summary>A model that gives each position a class.</summary>
    private static ArtifactManifest Tagger()
    {
        Dimension[] sequence = [Dimension.Named("batch"), Dimension.Named("time")];
        return new ArtifactManifest
        {
            LossName = "cross-entropy",
            TargetKind = TargetKind.ClassIndex,
            ClassCount = 2,
            ClassAxis = -1,
            Inputs = [new TensorInfo("ids", ElementType.Int64, sequence), new TensorInfo("mask", ElementType.Int64, sequence)],
            Target = new TensorInfo("labels", ElementType.Int64, sequence),
            Outputs = [new TensorInfo("logits", ElementType.Float, [.. sequence, 2])],
            Parameters = [],
        };
    }
}
