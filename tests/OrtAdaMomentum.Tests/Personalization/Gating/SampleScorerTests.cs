using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Personalization.Gating;

/// <summary>Scores of real models, sample by sample, against formulas written out here.</summary>
public class SampleScorerTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("Softmax")]
    [InlineData("LogSoftmax")]
    public void Classes_have_a_loss_an_answer_and_probabilities_each(string? activation)
    {
        float[] logits = [2, 0, -1, 0.5f, 1, 3, -2, -2, 4];
        long[] labels = [0, 1, 2];
        var scores = Score(Model([3], activation), new CrossEntropyLoss(), new TensorDataset(3).Add("x", logits, 3).Add("labels", labels));

        Assert.Equal([1, 0, 1], scores.Samples.Select(static sample => sample.Right));
        Assert.Equal(2.0 / 3, scores.Summary.Accuracy!.Value, 12);
        Assert.Equal([new ClassTally(1, 1, 0, 0), new ClassTally(2, 0, 1, 0)], scores.Samples[1].Classes);
        for (int sample = 0; sample < 3; sample++)
        {
            double[] weights = [.. logits.Skip(sample * 3).Take(3).Select(static logit => Math.Exp(logit))];
            Assert.Equal(-Math.Log(weights[labels[sample]] / weights.Sum()), scores.Samples[sample].Loss, 1e-5);
            for (int column = 0; column < 3; column++)
            {
                Assert.Equal(weights[column] / weights.Sum(), scores.Probabilities!.Of(sample, column), 1e-5);
                Assert.Equal(column == labels[sample], scores.Probabilities.IsTrue(sample, column));
            }
        }
    }

    [Fact]
    public void Soft_labels_count_as_their_greatest_class()
    {
        var data = new TensorDataset(2).Add("x", [1f, 2f, 3f, 0f], 2).Add("labels", [0.4f, 0.6f, 0.1f, 0.9f], 2);
        var scores = Score(Model([2], null), new CrossEntropyLoss { SoftLabels = true }, data);
        Assert.Equal([1, 0], scores.Samples.Select(static sample => sample.Right));
    }

    [Fact]
    public void Positions_of_one_sample_are_counted_and_ignored_ones_are_not()
    {
        // Two positions of three classes; the second sample's first position is to be left out.
        float[] x = [5, 0, 0, 0, 5, 0, 0, 0, 5, 5, 0, 0];
        var data = new TensorDataset(2).Add("x", x, 2, 3).Add("labels", [0L, 2L, -1L, 0L], 2);
        var scores = Score(Model([2, 3], null), new CrossEntropyLoss { IgnoreIndex = -1 }, data);

        Assert.Equal([(2, 1), (1, 1)], scores.Samples.Select(static sample => (sample.Answers, sample.Right)));
        Assert.Null(scores.Probabilities);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Sigmoid")]
    public void Yes_or_no_is_two_classes(string? activation)
    {
        var data = new TensorDataset(3).Add("x", [2f, -1f, 0.5f], 1).Add("labels", [1f, 1f, 0f], 1);
        var scores = Score(Model([1], activation), new BinaryCrossEntropyLoss(), data);

        Assert.Equal([1, 0, 0], scores.Samples.Select(static sample => sample.Right));
        Assert.Equal([new ClassTally(0, 0, 1, 0), new ClassTally(1, 1, 0, 0)], scores.Samples[1].Classes);
        Assert.Equal(1 / (1 + Math.Exp(1)), scores.Probabilities!.Of(1, 0), 1e-6);
        Assert.Equal(Math.Log(1 + Math.Exp(-2)), scores.Samples[0].Loss, 1e-6);
    }

    [Fact]
    public void Several_labels_have_a_column_each_and_only_what_is_yes_is_tallied()
    {
        var data = new TensorDataset(1).Add("x", [2f, -1f, -3f], 3).Add("labels", [1f, 1f, 0f], 3);
        var scores = Score(Model([3], null), new BinaryCrossEntropyLoss(), data);

        Assert.Equal((3, 2), (scores.Samples[0].Answers, scores.Samples[0].Right));
        Assert.Equal([new ClassTally(0, 1, 1, 1), new ClassTally(1, 1, 0, 0)], scores.Samples[0].Classes);
        Assert.Equal(3, scores.Probabilities!.Columns);
    }

    [Fact]
    public void Numbers_have_errors()
    {
        var data = new TensorDataset(2).Add("x", [1f, 2f, 0f, 0f], 2).Add("labels", [1f, 4f, -1f, 3f], 2);
        var scores = Score(Model([2], null), LossRegistry.Create("mse"), data);

        Assert.Equal([1, 2], scores.Samples.Select(static sample => sample.AbsoluteError));
        Assert.Equal([2, 5], scores.Samples.Select(static sample => sample.SquaredError));
        Assert.Equal([2, 5], scores.Samples.Select(static sample => sample.Loss));
        Assert.Null(scores.Summary.Accuracy);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Sequences_have_the_edits_to_their_target(bool timeFirst, bool withLengths)
    {
        // The paths of four steps: 1 1 blank 1 -> 1 1; 2 blank 2 3 -> 2 2 3.
        int[][] paths = [[1, 1, 0, 1], [2, 0, 2, 3]];
        long[][] targets = [[1, 1, -1], [2, 3, -1]];
        float[] x = [.. paths.SelectMany(static path => path.SelectMany(static step => Enumerable.Range(0, 4).Select(place => place == step ? 5f : 0f)))];
        // With lengths only the first two steps of the first sample count: 1 1 -> 1, one edit from the target.
        long[] labels = [.. targets.SelectMany((target, sample) => withLengths ? [sample == 0 ? 2L : 4L, .. target] : target)];
        var data = new TensorDataset(2).Add("x", x, 4, 4).Add("labels", labels, withLengths ? 4 : 3);

        var scores = Score(Model([4, 4], null, timeFirst), new CtcLoss { TimeFirst = timeFirst, WithInputLengths = withLengths }, data);

        Assert.Equal([withLengths ? 0.5 : 0, 0.5], scores.Samples.Select(static sample => sample.EditDistance));
    }

    [Fact]
    public void Sequences_of_any_length_are_scored_as_each_alone()
    {
        Sample[] samples = [.. SequenceReader.Samples(15), .. SequenceReader.Samples(15, seed: 2, mirrored: true)];
        var scores = Score(OnnxModel.Load(SequenceReader.Model()), new CtcLoss(), new SampleDataset(SequenceReader.Schema(), samples));

        // The model knows the first hand and not the second.
        Assert.Equal(30, scores.Samples.Count);
        Assert.All(scores.Samples.Take(15), static score => Assert.Equal(0, score.EditDistance));
        Assert.True(scores.Samples.Skip(15).Average(static score => score.EditDistance) > 0.5);
        for (int index = 0; index < samples.Length; index++)
        {
            var sample = samples[index];
            var alone = new TensorDataset(1)
                .Add("features", sample.Inputs["features"].Values<float>(), [.. sample.Inputs["features"].Shape])
                .Add("labels", sample.Target!.Values<long>(), sample.Target.Shape[0]);
            var score = Assert.Single(Score(OnnxModel.Load(SequenceReader.Model()), new CtcLoss(), alone).Samples);
            Assert.Equal((score.Loss, score.EditDistance), (scores.Samples[index].Loss, scores.Samples[index].EditDistance));
        }
    }

    [Fact]
    public void An_answer_to_a_labelled_sequence_is_as_good_as_its_edits_are_few()
    {
        float[] path = [.. new[] { 1, 0, 2, 2 }.SelectMany(static step => Enumerable.Range(0, 5).Select(place => place == step ? 1f : 0f))];
        var output = SampleTensor.Of<float>(path, 4, 5);
        Assert.Equal(0, AnswerScore.Of(SequenceReader.Schema(), output, SampleTensor.Of<long>([1, 2], 2)));
        Assert.Equal(-1.0 / 3, AnswerScore.Of(SequenceReader.Schema(), output, SampleTensor.Of<long>([1, 2, 3], 3))!.Value, 12);
    }

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "12", 1)]
    [InlineData("12", "", 2)]
    [InlineData("1213", "1213", 0)]
    [InlineData("1213", "213", 1.0 / 3)]
    [InlineData("123", "321", 2.0 / 3)]
    [InlineData("1212", "2121", 0.5)]
    public void Edit_distances_are_those_worked_out_by_hand(string said, string target, double expected)
    {
        // A blank between all, so that repeats stay.
        int[] path = [.. said.SelectMany(static letter => new[] { letter - '0', 0 })];
        float[] output = [.. path.SelectMany(static step => Enumerable.Range(0, 4).Select(place => place == step ? 1f : 0f))];
        long[] labels = [.. target.Select(static letter => (long)(letter - '0')), -1];
        Assert.Equal(expected, SequenceDistance.Of(output, 4, labels, 0, hasLength: false), 12);
    }

    private static SampleScores Score(OnnxModel model, Loss loss, IDataset data)
    {
        var artifacts = ArtifactGenerator.Generate(model, new ArtifactOptions { Loss = loss });
        using var session = new FineTuningSession(artifacts, new FineTuningOptions { Threads = 1 });
        return SampleScorer.Score(session, data, TestContext.Current.CancellationToken);
    }

    /// <summary>A model that says what it is shown: the input times ones, which train.</summary>
    private static OnnxModel Model(long[] sample, string? activation, bool transpose = false)
    {
        Dimension[] shape = [Dimension.Named("batch"), .. sample];
        var builder = new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, shape))
            .Initializer("scale", [.. Enumerable.Repeat(1f, (int)sample[^1])], sample[^1])
            .Node("Mul", ["x", "scale"], [activation is null && !transpose ? "y" : "raw"]);
        if (activation is not null)
            builder.Node(activation, ["raw"], ["y"]);
        if (transpose)
            builder.Node("Transpose", ["raw"], ["y"], ("perm", new long[] { 1, 0, 2 }));
        if (transpose)
            shape = [sample[0], Dimension.Named("batch"), sample[1]];
        return OnnxModel.Load(Google.Protobuf.MessageExtensions.ToByteArray(builder.Output("y", new TensorType(ElementType.Float, shape)).Build()));
    }
}
