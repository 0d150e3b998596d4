using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training;

/// <summary>Samples of unlike lengths in one batch, filled up where the model is told where they end.</summary>
public class PaddingTests
{
    private static readonly Dictionary<string, double> Filled = new() { ["features"] = 7, ["mask"] = 0 };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_with_a_mask_has_the_gradient_of_its_samples_in_one_batch()
    {
        var data = Data(12);
        using var session = Session(Artifacts(masked: true), Filled);
        using var batches = new BatchCache(session, data);
        Assert.Single(batches.Of(Enumerable.Range(0, 12).ToArray()));
        await StepOverSamples.IsTheMeanOfThemAsync(session, data);
    }

    [Fact]
    public void Samples_lie_in_the_front_corner_of_what_is_filled_up()
    {
        var samples = new[] { 2, 3 }.Select(time => new Sample("x", SampleTensor.Of<float>([.. Enumerable.Range(1, 2 * time).Select(static number => (float)number)], 2, time), SampleTensor.Scalar(1L)));
        var artifacts = ArtifactGenerator.Generate(OnnxModel.Load(Rows()));
        var data = new SampleDataset(SampleSchema.Of(artifacts.Manifest), [.. samples]);
        using var session = Session(artifacts, new() { ["x"] = -1 });
        using var batch = session.CreateBatch(data, [0, 1]);

        batch.Fill(data, [0, 1]);

        Assert.Equal([2, 2, 3], batch.ShapeOf("x"));
        Assert.Equal([1, 2, -1, 3, 4, -1, 1, 2, 3, 4, 5, 6], batch.Tensor<float>("x").ToArray());
    }

    [Fact]
    public async Task A_model_that_does_not_leave_out_what_is_filled_up_is_refused_before_a_step()
    {
        using var session = Session(Artifacts(masked: false), Filled);
        float[] before = session.ToBuffer();

        var error = await Assert.ThrowsAsync<FineTuningException>(async () =>
        {
            await foreach (var _ in new Trainer(session).RunAsync(Data(12), null, new TrainingPlan { BatchSize = 12 }, Cancelled))
                Assert.Fail("It took a step.");
        });

        Assert.Contains("Padding changes what the model makes of a sample", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, session.ToBuffer());
    }

    [Fact]
    public void Sequences_are_filled_up_where_the_target_has_the_numbers_of_time_steps()
    {
        var artifacts = ArtifactGenerator.Generate(OnnxModel.Load(SequenceReader.Model()), new ArtifactOptions { Loss = new CtcLoss { WithInputLengths = true } });
        var schema = SequenceReader.Schema();
        var data = new TimedTargets(
            new SampleDataset(schema, [.. SequenceReader.Samples(20)]), "labels", TimedTargets.TimeOf(artifacts.Manifest, timeFirst: false));
        using var session = Session(artifacts, new() { ["features"] = 0 });
        using var alone = Session(SequenceReader.Artifacts(), []);
        using var batches = new BatchCache(session, data);

        var batch = Assert.Single(batches.Of(Enumerable.Range(0, 20).ToArray()));

        // A window of three steps sees zeros behind the end, be they there or not.
        Assert.Equal(new Trainer(alone).Evaluate(new SampleDataset(schema, [.. SequenceReader.Samples(20)])).Loss, session.EvalStep(batch).Loss, 1e-4);
    }

    [Fact]
    public void The_number_of_time_steps_stands_before_targets_of_one_shape_too()
    {
        var data = new TimedTargets(
            new TensorDataset(2).Add("features", new float[2 * 4 * 5], 4, 5).Add("labels", [1, 2, -1, 3, -1, -1], 3), "labels", ("features", 0));
        long[] targets = new long[8];

        data.Read("labels", [1, 0], System.Runtime.InteropServices.MemoryMarshal.AsBytes(targets.AsSpan()));

        Assert.Equal([4], data.Columns[1].SampleShape);
        Assert.Equal([4, 3, -1, -1, 4, 1, 2, -1], targets);
    }

    [Theory]
    [InlineData("pixels", 0.0, "Padding:pixels is no input of the model. Its inputs: features, mask.")]
    [InlineData("features", double.NaN, "Padding:features: NaN is no Float")]
    public void Padding_that_cannot_be_is_refused(string input, double value, string said) => Refused(Artifacts(masked: true), new() { [input] = value }, said);

    [Fact]
    public void Padding_is_refused_where_the_loss_would_count_it_or_there_is_nothing_to_fill_up()
    {
        Refused(SequenceReader.Artifacts(), new() { ["features"] = 0 }, "Padding: the loss counts every time step.");
        Refused(ArtifactGenerator.Generate(OnnxModel.Load(TinyClassifier.Model())), new() { ["x"] = 0 }, "has the same shape for every sample");
        Refused(ArtifactGenerator.Generate(OnnxModel.Load(Tagger())), new() { ["features"] = 0 }, "has an open axis too");
    }

    private static void Refused(TrainingArtifacts artifacts, Dictionary<string, double> padding, string said) =>
        Assert.Contains(said, Assert.Throws<FineTuningException>(() => Session(artifacts, padding)).Message, StringComparison.Ordinal);

    private static FineTuningSession Session(TrainingArtifacts artifacts, Dictionary<string, double> padding) =>
        new(artifacts, new FineTuningOptions { Threads = 1, Optimizer = "sgd", LearningRate = 0.5, Padding = padding });

    private static SampleDataset Data(int count)
    {
        var random = new Random(1);
        var samples = Enumerable.Range(0, count).Select(index =>
        {
            int time = random.Next(2, 9);
            var inputs = new Dictionary<string, SampleTensor>
            {
                ["features"] = SampleTensor.Of<float>(OrtRun.Random(time * 3, seed: index), time, 3),
                ["mask"] = SampleTensor.Of<float>([.. Enumerable.Repeat(1f, time)], time),
            };
            return new Sample(inputs, SampleTensor.Scalar((long)random.Next(4)));
        });
        return new SampleDataset(SampleSchema.Of(Artifacts(masked: true).Manifest), [.. samples]);
    }

    /// <summary>A classifier of the mean over time, with or without what the mask leaves out.</summary>
    private static TrainingArtifacts Artifacts(bool masked)
    {
        Dimension batch = Dimension.Named("batch"), time = Dimension.Named("time");
        var model = new ModelBuilder()
            .Input("features", new TensorType(ElementType.Float, [batch, time, 3]))
            .Input("mask", new TensorType(ElementType.Float, [batch, time]))
            .Initializer("w", OrtRun.Random(12), 3, 4)
            .Initializer("last", [2L], 1)
            .Initializer("second", [1L], 1)
            .Node("Sub", ["mask", "mask"], ["zeros"])
            .Node("Exp", ["zeros"], ["ones"])
            .Node("Unsqueeze", [masked ? "mask" : "ones", "last"], ["weights"])
            .Node("Mul", ["features", "weights"], ["counted"])
            .Node("ReduceSum", ["counted", "second"], ["sum"], ("keepdims", 0L))
            .Node("ReduceSum", [masked ? "mask" : "ones", "second"], ["steps"], ("keepdims", 1L))
            .Node("Div", ["sum", "steps"], ["mean"])
            .Node("MatMul", ["mean", "w"], ["logits"])
            .Output("logits", new TensorType(ElementType.Float, [batch, 4]));
        return ArtifactGenerator.Generate(OnnxModel.Load(model.ToBytes()));
    }

    /// <summary>A classifier of rows of any length.</summary>
    private static byte[] Rows() => new ModelBuilder()
        .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), 2, Dimension.Named("time")]))
        .Initializer("w", OrtRun.Random(4), 2, 2)
        .Initializer("axis", [2L], 1)
        .Node("ReduceSum", ["x", "axis"], ["sum"], ("keepdims", 0L))
        .Node("MatMul", ["sum", "w"], ["logits"])
        .Output("logits", new TensorType(ElementType.Float, [Dimension.Named("batch"), 2]))
        .ToBytes();

    /// <summary>A model that gives each step a class.</summary>
    private static byte[] Tagger() => new ModelBuilder()
        .Input("features", new TensorType(ElementType.Float, [Dimension.Named("batch"), Dimension.Named("time"), 3]))
        .Initializer("w", OrtRun.Random(12), 3, 4)
        .Node("MatMul", ["features", "w"], ["logits"])
        .Output("logits", new TensorType(ElementType.Float, [Dimension.Named("batch"), Dimension.Named("time"), 4]))
        .ToBytes();
}
