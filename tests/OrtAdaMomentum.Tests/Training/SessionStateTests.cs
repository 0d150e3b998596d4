using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Training;

public sealed class SessionStateTests : IDisposable
{
    private static readonly int[] FirstEight = [0, 1, 2, 3, 4, 5, 6, 7];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Properties_of_every_type_come_back_from_a_checkpoint()
    {
        string path = _folder.File("checkpoint");
        using var session = new FineTuningSession(TinyTask.Artifacts());
        session.AddProperty("samples", long.MinValue);
        session.AddProperty("best", 0.1f);
        session.AddProperty("worst", float.NaN);
        session.AddProperty("run", "nightly \"é\"");
        session.AddProperty("samples", 7L);
        session.SaveCheckpoint(path);

        using var other = new FineTuningSession(TinyTask.Artifacts());
        other.AddProperty("stale", 1L);
        other.LoadCheckpoint(path);

        Assert.Equal(7L, other.GetProperty("samples"));
        Assert.Equal(0.1f, other.GetProperty("best"));
        Assert.Equal(float.NaN, other.GetProperty("worst"));
        Assert.Equal("nightly \"é\"", other.GetProperty("run"));
        var problem = Assert.Throws<FineTuningException>(() => other.GetProperty("stale"));
        Assert.Equal("There is no property 'stale'. There are: samples, best, worst, run.", problem.Message);
    }

    [Fact]
    public void A_checkpoint_without_properties_has_the_bytes_that_it_had_before_there_were_any()
    {
        var checkpoint = new Checkpoint { Model = "m" };

        Assert.DoesNotContain("properties", System.Text.Encoding.UTF8.GetString(checkpoint.ToBytes()), StringComparison.Ordinal);
        Assert.Empty(Checkpoint.FromBytes(checkpoint.ToBytes(), "c").Properties);
    }

    [Fact]
    public void Properties_of_an_official_checkpoint_come_over_and_go_back()
    {
        var artifacts = TinyTask.Artifacts(new ArtifactOptions { Layout = ArtifactLayout.Official });
        var properties = new OfficialProperties { Integers = [new("epoch", 3)], Numbers = [new("best", 0.25f)], Texts = [new("run", "nightly")] };

        var initial = OfficialInitial.Of(artifacts.OfficialCheckpoint! with { Properties = properties }, artifacts.Manifest, artifacts.TrainingModel, "checkpoint");
        var own = new CheckpointProperties();
        own.ReplaceAll(initial.Properties);

        Assert.Equal(3L, own.Get("epoch"));
        Assert.Equal(0.25f, own.Get("best"));
        Assert.Equal("nightly", own.Get("run"));
        Assert.Equal(properties.Integers, own.ToOfficial().Integers);
        Assert.Equal(properties.Numbers, own.ToOfficial().Numbers);
        Assert.Equal(properties.Texts, own.ToOfficial().Texts);
    }

    [Fact]
    public void A_property_that_is_two_things_is_refused()
    {
        var checkpoint = new Checkpoint { Model = "m", Properties = [new CheckpointProperty("odd", 1, 2, null)] };

        var problem = Assert.Throws<FineTuningException>(() => Checkpoint.FromBytes(checkpoint.ToBytes(), "c"));

        Assert.Contains("'odd'", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_that_is_updated_changes_the_next_loss_and_reads_back()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts());
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);
        float before = session.TrainStep(batch);
        float[] head = session.GetParameter("head.weight");

        session.UpdateParameter("head.weight", new float[head.Length]);

        Assert.Equal(TinyTask.Features * 8, session.GetParameter("body.weight").Length);
        Assert.All(session.GetParameter("head.weight"), static value => Assert.Equal(0, value));
        Assert.NotEqual(before, session.TrainStep(batch));
        session.UpdateParameter("head.weight", head);
        Assert.Equal(before, session.TrainStep(batch));
    }

    [Fact]
    public void A_parameter_is_refused_by_what_is_wrong_with_it()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts(new ArtifactOptions { Trainable = TrainableSelection.Matching("head.*") }));

        Assert.Contains("does not train", Assert.Throws<FineTuningException>(() => session.GetParameter("body.weight")).Message, StringComparison.Ordinal);
        Assert.Contains("There are: head.weight, head.bias", Assert.Throws<FineTuningException>(() => session.GetParameter("tail")).Message, StringComparison.Ordinal);
        Assert.Contains("has 3 elements ([3]), but 2", Assert.Throws<FineTuningException>(() => session.UpdateParameter("head.bias", new float[2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_those_of_the_graphs()
    {
        var artifacts = TinyTask.Artifacts();
        using var session = new FineTuningSession(artifacts);
        foreach (bool training in new[] { true, false })
        {
            var model = OnnxModel.Load((training ? artifacts.TrainingModel : artifacts.EvalModel).ToArray());
            Assert.Subset(model.Inputs.Select(static input => input.Name).ToHashSet(), session.InputNames(training).ToHashSet());
            Assert.Subset(model.Outputs.Select(static output => output.Name).ToHashSet(), session.OutputNames(training).ToHashSet());
        }

        Assert.Equal(["x", "labels"], session.InputNames());
        Assert.Equal(["loss", "probabilities"], session.OutputNames(training: false));
    }

    [Fact]
    public void A_checkpoint_without_optimizer_state_begins_anew_from_its_parameters()
    {
        string path = _folder.File("checkpoint");
        using var session = Trained(3);
        session.SaveCheckpoint(path, includeOptimizerState: false);
        using var other = Trained(5);
        other.SetLearningRate(0.5);
        other.LoadCheckpoint(path);

        Assert.Equal(session.ToBuffer(), other.ToBuffer());
        Assert.Equal(0, other.Optimizer.StepCount);
        Assert.All(other.Optimizer.States, static state => Assert.Equal(0, state.Buffer.Span.ToArray().Max(MathF.Abs)));
        Assert.Equal(0.5, other.GetLearningRate());
    }

    [Fact]
    public void The_linear_scheduler_of_the_official_name_rises_and_falls()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts());
        session.RegisterLinearLRScheduler(2, 4, 0.8);
        var rates = new List<double> { session.GetLearningRate() };
        for (int step = 0; step < 5; step++)
        {
            session.SchedulerStep();
            rates.Add(session.GetLearningRate());
        }

        Assert.Equal([0, 0.4, 0.8, 0.4, 0, 0], rates);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.RegisterLinearLRScheduler(5, 4, 0.1));
        Assert.Equal(0, session.GetLearningRate());
    }

    [Fact]
    public void The_linear_scheduler_goes_on_where_a_checkpoint_was_written()
    {
        string path = _folder.File("checkpoint");
        using (var first = Trained(3))
            first.SaveCheckpoint(path);
        using var session = new FineTuningSession(TinyTask.Artifacts());
        session.LoadCheckpoint(path);

        session.RegisterLinearLRScheduler(2, 4, 0.8);

        Assert.Equal(0.4, session.GetLearningRate());
    }

    [Fact]
    public void A_model_is_exported_for_the_outputs_that_are_named()
    {
        string path = _folder.File("tuned.onnx");
        var model = TwoHeads();
        using var session = new FineTuningSession(ArtifactGenerator.Generate(model, new ArtifactOptions { Output = "first", Loss = new MeanSquaredErrorLoss() }));

        session.ExportModelForInferencing(path, ["second"]);

        var exported = OnnxModel.Load(path);
        Assert.Equal("second", Assert.Single(exported.Outputs).Name);
        Assert.Equal("y", Assert.Single(exported.Inputs).Name);
        Assert.Equal(["v"], exported.Proto.Graph.Initializer.Select(static tensor => tensor.Name));
        Assert.Equal(OrtRun.Random(4, 2), TensorData.ToFloats(exported.Proto.Graph.Initializer[0]));
    }

    [Theory]
    [InlineData("name at least one output to export: first, second")]
    [InlineData("no output 'third'", "first", "third")]
    [InlineData("'first' is named twice", "first", "first")]
    public void Outputs_that_cannot_be_exported_are_refused_and_nothing_is_written(string expected, params string[] names)
    {
        string path = _folder.File("tuned.onnx");
        using var session = new FineTuningSession(ArtifactGenerator.Generate(TwoHeads(), new ArtifactOptions { Output = "first", Loss = new MeanSquaredErrorLoss() }));

        var problem = Assert.Throws<FineTuningException>(() => session.ExportModelForInferencing(path, names));

        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    private static OnnxModel TwoHeads() => new(
        new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), 2]))
            .Input("y", new TensorType(ElementType.Float, [Dimension.Named("batch"), 2]))
            .Initializer("w", OrtRun.Random(4, 1), 2, 2)
            .Initializer("v", OrtRun.Random(4, 2), 2, 2)
            .Node("MatMul", ["x", "w"], ["first"])
            .Node("MatMul", ["y", "v"], ["second"])
            .Output("first", new TensorType(ElementType.Float, [Dimension.Named("batch"), 2]))
            .Output("second", new TensorType(ElementType.Float, [Dimension.Named("batch"), 2]))
            .Build(),
        "heads.onnx");

    private static FineTuningSession Trained(int steps)
    {
        var session = new FineTuningSession(TinyTask.Artifacts());
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);
        for (int step = 0; step < steps; step++)
        {
            session.TrainStep(batch);
            session.OptimizerStep();
        }

        return session;
    }
}
