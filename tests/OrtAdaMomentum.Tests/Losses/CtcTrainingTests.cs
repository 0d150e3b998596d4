using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Losses;

/// <summary>A model of sequences trains on targets of any length, and targets that are no sequences of classes are refused.</summary>
public sealed class CtcTrainingTests
{
    private const int Steps = 8;
    private const int Features = 4;
    private const int Classes = 5;

    [Fact]
    public void Training_makes_the_loss_smaller_for_targets_of_several_lengths()
    {
        var artifacts = Artifacts(new CtcLoss());
        using var session = new FineTuningSession(artifacts, new FineTuningOptions { LearningRate = 0.05 });
        using var batch = Batch(session, 3, 1, 2, 2, 4, -1, -1, 3, 3, 1);
        float first = session.TrainStep(batch);
        session.OptimizerStep();
        for (int step = 0; step < 40; step++)
        {
            session.TrainStep(batch);
            Assert.True(session.OptimizerStep().Applied);
        }

        float last = session.EvalStep(batch).Loss;
        Assert.True(last < 0.9 * first, $"from {first} to {last}");
    }

    [Fact]
    public void The_manifest_tells_what_the_target_is()
    {
        var manifest = Artifacts(new CtcLoss { Blank = 4, WithInputLengths = true }).Manifest;
        Assert.Equal(TargetKind.ClassSequence, manifest.TargetKind);
        Assert.Equal((4, 5, true), (manifest.BlankIndex, manifest.ClassCount, manifest.HasInputLengths));
        Assert.Equal(ElementType.Int64, manifest.Target.ElementType);
        Assert.Equal(2, manifest.Target.Shape.Count);
    }

    [Theory]
    [InlineData(false, new long[] { 1, 2, 3, 5, -1, -1 }, "sample 1: class 5 is not one of the model's 5 classes")]
    [InlineData(false, new long[] { 1, 0, 3, 2, -1, -1 }, "sample 0: class 0 is the blank")]
    [InlineData(false, new long[] { 1, 2, 3, 2, -1, 4 }, "sample 1: class 4 stands behind the -1")]
    [InlineData(true, new long[] { 8, 2, 3, -2, 1, -1 }, "sample 1: the first column must be the number of time steps")]
    public void A_target_that_is_no_sequence_of_classes_is_refused(bool lengths, long[] target, string said)
    {
        using var session = new FineTuningSession(Artifacts(new CtcLoss { WithInputLengths = lengths }));
        using var batch = Batch(session, 2, target);
        Assert.Contains(said, Assert.Throws<FineTuningException>(() => session.TrainStep(batch)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_with_a_class_that_the_model_does_not_have_is_refused_before_training()
    {
        var schema = DatasetSchema.Of(Artifacts(new CtcLoss()).Manifest);
        var data = new TensorDataset(1).Add("x", OrtRun.Random(Steps * Features), Steps, Features).Add("labels", [1L, 7, -1], 3);
        var error = Assert.Throws<DatasetException>(() => FittedDataset.Create(data, schema));
        Assert.Contains("class 7 is not one of the model's 5 classes", error.Message, StringComparison.Ordinal);
    }

    private static TrainingArtifacts Artifacts(CtcLoss loss)
    {
        var model = new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), Steps, Features]))
            .Initializer("w", OrtRun.Random(Features * Classes), Features, Classes)
            .Node("MatMul", ["x", "w"], ["scores"])
            .Node("Softmax", ["scores"], ["y"], ("axis", 2L))
            .Output("y");
        return ArtifactGenerator.Generate(OnnxModel.Load(model.ToBytes()), new ArtifactOptions { Loss = loss });
    }

    private static TrainingBatch Batch(FineTuningSession session, int size, params long[] target)
    {
        var data = new TensorDataset(size).Add("x", OrtRun.Random(size * Steps * Features), Steps, Features).Add("labels", target, target.Length / size);
        var batch = session.CreateBatch(size, data);
        batch.Fill(data, [.. Enumerable.Range(0, size)]);
        return batch;
    }
}
