using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Training;

public sealed class FineTuningSessionTests
{
    private static readonly int[] FirstEight = [0, 1, 2, 3, 4, 5, 6, 7];

    [Fact]
    public void The_loss_falls_when_the_same_batch_is_trained()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts(), new FineTuningOptions { LearningRate = 1e-2 });
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);

        float before = session.TrainStep(batch);
        session.OptimizerStep();
        float after = before;
        for (int step = 0; step < 50; step++)
        {
            after = session.TrainStep(batch);
            session.OptimizerStep();
        }

        Assert.True(after < before / 4, $"loss went from {before} to {after}");
    }

    [Fact]
    public void Opened_from_a_folder_it_trains_as_from_memory()
    {
        using var folder = new TemporaryFolder();
        var artifacts = TinyTask.Artifacts();
        artifacts.Save(folder.Path);
        using var expected = new FineTuningSession(artifacts);
        using var session = FineTuningSession.Open(folder.Path);

        foreach (var each in new[] { expected, session })
        {
            using var batch = each.CreateBatch(8);
            batch.Fill(TinyTask.Data(8), FirstEight);
            each.TrainStep(batch);
            each.OptimizerStep();
        }

        var initial = artifacts.Initial.Tensors[0].Values;
        Assert.NotEqual(initial.ToArray(), session.ToBuffer().AsSpan(0, initial.Length).ToArray());
        Assert.Equal(expected.ToBuffer(), session.ToBuffer());
    }

    [Fact]
    public void A_damaged_folder_is_refused_while_the_runtime_starts()
    {
        using var folder = new TemporaryFolder();
        TinyTask.Artifacts().Save(folder.Path);
        File.AppendAllText(folder.File(TrainingArtifacts.TrainingModelFile), "x");

        var error = Assert.Throws<FineTuningException>(() => FineTuningSession.Open(folder.Path));

        Assert.Contains(TrainingArtifacts.TrainingModelFile, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluation_gives_the_loss_that_training_saw_and_the_models_own_output()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts());
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);

        var outcome = session.EvalStep(batch);

        Assert.Equal(session.TrainStep(batch), outcome.Loss, 1e-6f);
        Assert.Equal([8, TinyTask.Classes], outcome.ShapeOf());
        var served = OrtRun.Run(TinyTask.Classifier().ToBytes(), ("x", batch.Tensor<float>("x").ToArray(), [8, TinyTask.Features]));
        Assert.Equal(served["probabilities"].Floats, outcome.Output().ToArray().Select(value => value), new ToleranceComparer(1e-6f));
    }

    [Fact]
    public void Gradients_of_several_batches_add_up_until_they_are_reset()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts(), new FineTuningOptions { Optimizer = "sgd", LearningRate = 1 });
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);
        float[] start = session.ToBuffer();

        session.TrainStep(batch);
        session.OptimizerStep();
        float[] once = Difference(start, session.ToBuffer());

        session.FromBuffer(start);
        session.Optimizer.States[0].Buffer.Clear();
        for (int repeat = 0; repeat < 3; repeat++)
            session.TrainStep(batch);
        session.OptimizerStep();
        float[] thrice = Difference(start, session.ToBuffer());

        Assert.Equal(once.Select(value => 3 * value), thrice, new ToleranceComparer(1e-5f));
        session.TrainStep(batch);
        session.LazyResetGrad();
        Assert.Throws<InvalidOperationException>(() => session.OptimizerStep());
    }

    [Fact]
    public void Parameters_written_from_outside_are_seen_by_the_next_step()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts());
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);

        session.FromBuffer(new float[session.ToBuffer().Length]);

        Assert.Equal(MathF.Log(TinyTask.Classes), session.TrainStep(batch), 1e-6f);
    }

    [Fact]
    public void A_step_allocates_nothing_on_the_managed_heap()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts());
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);

        Assert.Equal(0, BytesOfSteps(session, batch));
    }

    [Fact]
    public void A_step_of_a_convolutional_model_with_kernels_allocates_nothing_on_the_managed_heap()
    {
        var artifacts = ArtifactGenerator.Generate(OnnxModel.Load(TestFiles.Model("digits-base.onnx")));
        using var session = new FineTuningSession(artifacts, new FineTuningOptions { Kernels = KernelUse.On, Threads = 1 });
        using var batch = session.CreateBatch(8);

        Assert.Equal(0, BytesOfSteps(session, batch));
    }

    [Fact]
    public void Frozen_parameters_stay_as_they_are()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts(new ArtifactOptions { Trainable = TrainableSelection.Matching("head.*") }));
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);
        session.TrainStep(batch);
        session.OptimizerStep();

        var exported = session.ExportModel().Proto.Graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => TensorData.ToFloats(tensor));
        var original = TinyTask.Classifier().Proto.Graph.Initializer.ToDictionary(tensor => tensor.Name, tensor => TensorData.ToFloats(tensor));

        Assert.Equal(original["body.weight"], exported["body.weight"]);
        Assert.Equal(original["body.bias"], exported["body.bias"]);
        Assert.NotEqual(original["head.weight"], exported["head.weight"]);
    }

    [Fact]
    public void The_exported_model_answers_as_the_trained_one_and_keeps_everything_but_the_weights()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts(), new FineTuningOptions { LearningRate = 1e-2 });
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);
        for (int step = 0; step < 5; step++)
        {
            session.TrainStep(batch);
            session.OptimizerStep();
        }

        var exported = session.ExportModel();
        var served = OrtRun.Run(exported.ToBytes(), ("x", batch.Tensor<float>("x").ToArray(), [8, TinyTask.Features]));

        Assert.Equal(session.EvalStep(batch).Output().ToArray(), served["probabilities"].Floats, new ToleranceComparer(1e-6f));
        var before = TinyTask.Classifier().Proto;
        var after = exported.Proto.Clone();
        for (int index = 0; index < before.Graph.Initializer.Count; index++)
            after.Graph.Initializer[index].RawData = before.Graph.Initializer[index].RawData;
        Assert.Equal(before, after);
    }

    [Fact]
    public void A_label_out_of_range_is_refused_and_nothing_changes()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts());
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);
        batch.Tensor<long>("labels")[5] = TinyTask.Classes;
        float[] start = session.ToBuffer();

        var error = Assert.Throws<FineTuningException>(() => session.TrainStep(batch));

        Assert.Contains("class 3 in sample 5", error.Message, StringComparison.Ordinal);
        Assert.Contains("3 classes (0 to 2)", error.Message, StringComparison.Ordinal);
        Assert.Equal(start, session.ToBuffer());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void An_input_that_is_not_finite_is_refused_with_its_place(float value)
    {
        using var session = new FineTuningSession(TinyTask.Artifacts());
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);
        batch.Tensor<float>("x")[2 * TinyTask.Features + 1] = value;

        var error = Assert.Throws<FineTuningException>(() => session.TrainStep(batch));

        Assert.Contains("'x' holds", error.Message, StringComparison.Ordinal);
        Assert.Contains("sample 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_shape_that_does_not_fit_is_refused_with_both_shapes()
    {
        using var session = new FineTuningSession(TinyTask.Artifacts());
        using var batch = session.CreateBatch(8);
        var data = new TensorDataset(8).Add("x", new float[8 * 5], 5).Add("labels", new long[8]);

        var error = Assert.Throws<FineTuningException>(() => batch.Fill(data, FirstEight));

        Assert.Contains("[5]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[4]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_for_cuda_names_the_package_that_is_missing()
    {
        var error = Assert.Throws<FineTuningException>(
            () => new FineTuningSession(TinyTask.Artifacts(), new FineTuningOptions { Provider = ExecutionProvider.Cuda() }));

        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", error.Message, StringComparison.Ordinal);
    }

    private static float[] Difference(float[] left, float[] right) => [.. left.Zip(right, (a, b) => a - b)];

    private sealed class ToleranceComparer(float tolerance) : IEqualityComparer<float>
    {
        public bool Equals(float left, float right) => Math.Abs(left - right) <= tolerance * Math.Max(1, Math.Abs(left));

        public int GetHashCode(float value) => 0;
    }

    /// <summary>
    /// Managed memory that a hundred steps take, after the first have brought compiled code and working memory. The least of some tries: tests
    /// that run beside this one may hold the working memory that kernels share.
    /// </summary>
    private static long BytesOfSteps(FineTuningSession session, TrainingBatch batch)
    {
        const int tries = 5;
        Step(20);
        return Enumerable.Range(0, tries).Min(_ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Step(100);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

        void Step(int count)
        {
            for (int step = 0; step < count; step++)
            {
                session.TrainStep(batch);
                session.OptimizerStep();
            }
        }
    }
}
