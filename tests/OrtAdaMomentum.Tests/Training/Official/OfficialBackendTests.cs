using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Artifacts.Official;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Official;

namespace OrtAdaMomentum.Tests.Training.Official;

[Collection(nameof(OfficialBackendTests))]
public sealed class OfficialBackendTests : IDisposable
{
    private const int Steps = 10, BatchSize = 6;

    private static readonly string[] Optimizers = ["adamomentum", "adamw"];

    private static readonly int[] FirstEight = [0, 1, 2, 3, 4, 5, 6, 7];

    private EmulatedTraining? _runtime;

    public void Dispose() => _runtime?.Dispose();

    public static TheoryData<string, string> Models() => [.. JudgedModels.All.SelectMany(static model => Optimizers, static (model, optimizer) => (model.Name, optimizer))];

    [Theory]
    [MemberData(nameof(Models))]
    public void It_trains_as_the_stock_backend_does(string name, string optimizer)
    {
        var model = JudgedModels.Named(name);
        var options = new FineTuningOptions { Optimizer = optimizer, Kernels = KernelUse.Off, Threads = 1 };
        using var stock = new FineTuningSession(ArtifactGenerator.Generate(model.Load(), model.Options), options);
        using var official = new FineTuningSession(ArtifactGenerator.Generate(model.Load(), Official(model.Options)), Emulated(options));
        using var stockBatch = stock.CreateBatch(BatchSize);
        using var officialBatch = official.CreateBatch(BatchSize);
        for (int step = 0; step < Steps; step++)
        {
            model.Fill(stockBatch, step);
            model.Fill(officialBatch, step);
            float expected = stock.TrainStep(stockBatch);
            Near.Assert(expected, official.TrainStep(officialBatch));
            stock.OptimizerStep();
            official.OptimizerStep();
        }

        Near.Assert(stock.ToBuffer(), official.ToBuffer());
        Assert.All(stock.Manifest.States, state => Near.Assert(stock.GetParameter(state.Name), official.GetParameter(state.Name)));
        var stockOutcome = stock.EvalStep(stockBatch);
        var officialOutcome = official.EvalStep(officialBatch);
        Near.Assert(stockOutcome.Loss, officialOutcome.Loss);
        Assert.Equal(stockOutcome.ShapeOf(), officialOutcome.ShapeOf());
        Near.Assert(stockOutcome.Output().ToArray(), officialOutcome.Output().ToArray());
    }

    [Fact]
    public void Gradients_of_several_batches_add_up_here_and_not_there()
    {
        using var stock = new FineTuningSession(TinyTask.Artifacts(), new FineTuningOptions { Kernels = KernelUse.Off });
        using var official = Open();
        foreach (var session in new[] { stock, official })
        {
            using var batch = session.CreateBatch(8);
            for (int part = 0; part < 3; part++)
            {
                batch.Fill(TinyTask.Data(8, seed: part), FirstEight);
                session.TrainStep(batch);
            }

            session.OptimizerStep(average: true);
        }

        Near.Assert(stock.ToBuffer(), official.ToBuffer());
        var slot = official.Gradients.Layout["head.bias"];
        Assert.Equal(official.Gradients[slot].ToArray(), _runtime!.Accumulated("head.bias"));
    }

    [Fact]
    public void A_change_of_the_parameters_is_seen_by_the_next_pass()
    {
        using var session = Open();
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);
        float loss = session.TrainStep(batch);

        session.Parameters.Clear();

        Assert.Equal(MathF.Log(TinyTask.Classes), session.EvalStep(batch).Loss, 1e-6f);
        Assert.NotEqual(loss, session.TrainStep(batch));
    }

    [Fact]
    public void It_resumes_from_a_checkpoint_with_the_same_bits_and_exports_what_it_trained()
    {
        using var folder = new TemporaryFolder();
        using var session = Open();
        using var batch = session.CreateBatch(8);
        batch.Fill(TinyTask.Data(8), FirstEight);
        Step(session, batch, 3);
        session.SaveCheckpoint(folder.File("checkpoint"));
        Step(session, batch, 4);

        using var other = Open();
        using var otherBatch = other.CreateBatch(8);
        otherBatch.Fill(TinyTask.Data(8), FirstEight);
        other.LoadCheckpoint(folder.File("checkpoint"));
        Step(other, otherBatch, 4);
        other.ExportModelForInferencing(folder.File("tuned.onnx"));

        Assert.Equal(session.ToBuffer(), other.ToBuffer());
        var exported = OnnxModel.Load(folder.File("tuned.onnx")).Proto.Graph.Initializer.Single(static tensor => tensor.Name == "head.weight");
        Assert.Equal(session.GetParameter("head.weight"), TensorData.ToFloats(exported));
    }

    [Fact]
    public async Task The_trainer_runs_over_it()
    {
        using var session = Open();
        session.SetLearningRate(1e-2);
        var data = TinyTask.Data(60);
        var losses = new List<double>();
        await foreach (var progress in new Trainer(session).RunAsync(data, data, new TrainingPlan { Epochs = 20, BatchSize = 16 }, TestContext.Current.CancellationToken))
            losses.Add(progress.Loss);

        Assert.True(losses[^1] < losses[0] / 2, $"loss went from {losses[0]} to {losses[^1]}");
        Assert.True(new Trainer(session).Evaluate(data).Accuracy > 0.9);
    }

    [Fact]
    public void Where_the_native_code_is_missing_the_package_is_named_and_nothing_is_written()
    {
        var artifacts = TinyTask.Artifacts(Official(new ArtifactOptions()));

        var problem = Assert.Throws<FineTuningException>(
            () => new FineTuningSession(artifacts, new FineTuningOptions { Backend = TrainingBackend.Official, Seed = 1 }));

        Assert.Equal(
            "The ONNX Runtime library that this application was built with has no training code: build with -p:OrtPackage=Training, which takes the package "
            + "Microsoft.ML.OnnxRuntime.Training (up to 1.19.2, from nuget.org) in place of Microsoft.ML.OnnxRuntime, or use TrainingBackend.Stock.",
            problem.Message);
        Assert.Empty(LeftFolders());
    }

    [Fact]
    public void The_files_are_gone_when_the_session_is_open_and_the_runtime_when_it_is_closed()
    {
        var session = Open();
        Assert.Empty(LeftFolders());
        Assert.False(_runtime!.IsDisposed);

        session.Dispose();

        Assert.True(_runtime.IsDisposed);
    }

    [Fact]
    public void Artifacts_that_are_not_made_for_it_are_refused_with_what_to_do()
    {
        var options = Emulated(new FineTuningOptions());

        var stock = Assert.Throws<FineTuningException>(() => new FineTuningSession(TinyTask.Artifacts(), options));
        var other = Assert.Throws<FineTuningException>(() => new FineTuningSession(TinyTask.Artifacts(Official(new ArtifactOptions())), new FineTuningOptions()));

        Assert.Contains("of the layout 'stock'", stock.Message, StringComparison.Ordinal);
        Assert.Contains("Layout = ArtifactLayout.Official", stock.Message, StringComparison.Ordinal);
        Assert.Contains("TrainingBackend.Official", other.Message, StringComparison.Ordinal);
        Assert.Null(_runtime);
    }

    [Fact]
    public void Artifacts_in_a_folder_train_on_either_runtime_by_how_they_are_read()
    {
        using var folder = new TemporaryFolder();
        TinyTask.Artifacts(Official(new ArtifactOptions())).Save(folder.Path);
        using var official = FineTuningSession.Open(folder.Path, Emulated(new FineTuningOptions()));
        using var stock = FineTuningSession.Open(OfficialArtifacts.Load(folder.Path), new FineTuningOptions { Kernels = KernelUse.Off });
        foreach (var session in new[] { official, stock })
        {
            using var batch = session.CreateBatch(8);
            batch.Fill(TinyTask.Data(8), FirstEight);
            Step(session, batch, 3);
        }

        Near.Assert(stock.ToBuffer(), official.ToBuffer());
        var problem = Assert.Throws<FineTuningException>(() => FineTuningSession.Open(OfficialArtifacts.Load(folder.Path), Emulated(new FineTuningOptions())));
        Assert.Contains("TrainingArtifacts.Load", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Partly frozen")]
    [InlineData("CNN, BatchNormalization with the batch's statistics")]
    public void A_checkpoint_of_one_runtime_is_that_of_the_other(string name)
    {
        using var folder = new TemporaryFolder();
        var model = JudgedModels.Named(name);
        ArtifactGenerator.Generate(model.Load(), Official(model.Options)).Save(folder.Path);
        using var official = FineTuningSession.Open(folder.Path, Emulated(new FineTuningOptions()));
        using var stock = FineTuningSession.Open(OfficialArtifacts.Load(folder.Path), new FineTuningOptions { Kernels = KernelUse.Off });
        string there = folder.File("official.ckpt"), here = folder.File("stock.ckpt");
        TrainOn(official, there);
        stock.LoadCheckpoint(there);
        AssertSame(official, stock);
        TrainOn(stock, here);
        official.LoadCheckpoint(here);
        AssertSame(stock, official);

        void TrainOn(FineTuningSession session, string checkpoint)
        {
            using var batch = session.CreateBatch(BatchSize);
            model.Fill(batch, 1);
            Step(session, batch, 2);
            session.SaveCheckpoint(checkpoint);
        }

        static void AssertSame(FineTuningSession expected, FineTuningSession actual)
        {
            Assert.Equal(expected.ToBuffer(), actual.ToBuffer());
            Assert.Equal(expected.Optimizer.StepCount, actual.Optimizer.StepCount);
            Assert.All(expected.Manifest.States, state => Assert.Equal(expected.GetParameter(state.Name), actual.GetParameter(state.Name)));
        }
    }

    [Fact]
    public void Running_statistics_of_a_checkpoint_reach_the_runtime()
    {
        using var folder = new TemporaryFolder();
        var model = JudgedModels.Named("CNN, BatchNormalization with the batch's statistics");
        var artifacts = ArtifactGenerator.Generate(model.Load(), Official(model.Options));
        using var session = new FineTuningSession(artifacts, Emulated(new FineTuningOptions()));
        using var batch = session.CreateBatch(BatchSize);
        model.Fill(batch, 1);
        float fresh = session.EvalStep(batch).Loss;
        for (int step = 0; step < 3; step++)
            session.TrainStep(batch);
        float moved = session.EvalStep(batch).Loss;
        session.SaveCheckpoint(folder.File("checkpoint"));

        using var other = new FineTuningSession(artifacts, Emulated(new FineTuningOptions()));
        using var otherBatch = other.CreateBatch(BatchSize);
        model.Fill(otherBatch, 1);
        other.LoadCheckpoint(folder.File("checkpoint"));

        // No optimizer's step was made: the statistics are all that has changed.
        Assert.NotEqual(fresh, moved);
        Assert.Equal(moved, other.EvalStep(otherBatch).Loss);
    }

    [Fact]
    public void A_runtime_that_holds_other_parameters_is_refused_and_closed()
    {
        var options = new FineTuningOptions
        {
            Backend = TrainingBackend.Official,
            OfficialRuntime = files =>
            {
                _runtime = new EmulatedTraining(files);
                using var bias = OrtValue.CreateTensorValueFromMemory(new float[TinyTask.Classes], [TinyTask.Classes]);
                _runtime.UpdateParameter("head.bias", bias);
                return _runtime;
            },
        };

        var problem = Assert.Throws<FineTuningException>(() => new FineTuningSession(TinyTask.Artifacts(Official(new ArtifactOptions())), options));

        Assert.Contains("holds other parameters", problem.Message, StringComparison.Ordinal);
        Assert.True(_runtime!.IsDisposed);
        Assert.Empty(LeftFolders());
    }

    private static ArtifactOptions Official(ArtifactOptions options) =>
        options with { Layout = ArtifactLayout.Official };

    private static string[] LeftFolders() => Directory.GetDirectories(Path.GetTempPath(), OfficialSessionFiles.FolderPrefix + "*");

    private static void Step(FineTuningSession session, TrainingBatch batch, int count)
    {
        for (int step = 0; step < count; step++)
        {
            session.TrainStep(batch);
            session.OptimizerStep();
        }
    }

    private FineTuningSession Open() => new(TinyTask.Artifacts(Official(new ArtifactOptions())), Emulated(new FineTuningOptions()));

    private FineTuningOptions Emulated(FineTuningOptions options) => options with
    {
        Backend = TrainingBackend.Official,
        OfficialRuntime = files => _runtime = new EmulatedTraining(files),
    };
}
