using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tests.Training;
using OrtAdaMomentum.Tests.Training.Official;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Tools;

/// <summary>Artifacts for the official runtime, from the command line.</summary>
public sealed class OfficialLayoutToolTests : IDisposable
{
    private readonly ToolFixture _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task The_options_decide_what_the_artifacts_hold()
    {
        await _files.GenerateAsync(
            "--layout", "official", "--prefix", "p-", "--official-optimizer", "sgd", "--official-clip-norm", "1.5", "--raw-gradients",
            "--training-output", "probabilities", "--nominal-checkpoint", "--train", "head.*");
        Assert.Equal(
            ["p-artifacts.json", "p-base_model.onnx", "p-checkpoint", "p-eval_model.onnx", "p-nominal_checkpoint", "p-optimizer_model.onnx", "p-training_model.onnx"],
            Directory.GetFiles(_files.Artifacts).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var training = ModelProto.Parser.ParseFrom(await File.ReadAllBytesAsync(Path.Combine(_files.Artifacts, "p-training_model.onnx"), TestContext.Current.CancellationToken));
        Assert.Equal(["loss", "probabilities", "grad::head.weight", "grad::head.bias"], training.Graph.Output.Select(static output => output.Name).Take(4));
        var optimizer = ModelProto.Parser.ParseFrom(await File.ReadAllBytesAsync(Path.Combine(_files.Artifacts, "p-optimizer_model.onnx"), TestContext.Current.CancellationToken));
        Assert.Equal(["InplaceClipGradNorm", "SGDOptimizerV2"], optimizer.Graph.Node.Select(static node => node.OpType));
        Assert.True(OfficialCheckpoint.Load(Path.Combine(_files.Artifacts, "p-nominal_checkpoint")).IsNominal);
    }

    [Fact]
    public async Task Artifacts_of_one_layout_replace_those_of_the_other()
    {
        await _files.GenerateAsync("--layout", "official", "--nominal-checkpoint");
        await _files.GenerateAsync();
        Assert.Equal(ArtifactManifest.StockLayout, TrainingArtifacts.Load(_files.Artifacts).Manifest.Layout);
        Assert.False(File.Exists(Path.Combine(_files.Artifacts, TrainingArtifacts.NominalCheckpointFile)));
    }

    [Fact]
    public async Task They_are_described_trained_evaluated_and_exported()
    {
        await _files.GenerateAsync("--layout", "official");
        var report = await ToolRun.SucceedAsync("inspect", _files.Artifacts);
        Assert.Equal(ArtifactManifest.OfficialLayout, report.GetProperty("layout").GetString());
        Assert.True(report.GetProperty("estimatedTrainingBytes").GetInt64() > 0);
        var trained = await ToolRun.SucceedAsync(_files.Train());
        Assert.True(trained.GetProperty("steps").GetInt32() > 0);
        await ToolRun.SucceedAsync("eval", _files.Artifacts, "--checkpoint", _files.Checkpoint, "--data", _files.Data);
        string exported = Path.Combine(Path.GetDirectoryName(_files.Checkpoint)!, "exported.onnx");
        await ToolRun.SucceedAsync("export", _files.Artifacts, "--checkpoint", _files.Checkpoint, "--out", exported);
        Assert.NotEmpty(OnnxModel.Load(exported).Outputs);
    }

    [Fact]
    public async Task What_the_official_runtime_has_trained_is_evaluated_and_exported_on_the_stock_one()
    {
        await _files.GenerateAsync("--layout", "official");
        var options = new FineTuningOptions { Backend = TrainingBackend.Official, OfficialRuntime = static files => new EmulatedTraining(files) };
        float[] trained;
        using (var session = FineTuningSession.Open(_files.Artifacts, options))
        using (var batch = session.CreateBatch(8))
        {
            batch.Fill(TinyTask.Data(8), [0, 1, 2, 3, 4, 5, 6, 7]);
            session.TrainStep(batch);
            session.OptimizerStep();
            session.SaveCheckpoint(_files.Checkpoint);
            trained = session.GetParameter("head.bias");
        }

        await ToolRun.SucceedAsync("eval", _files.Artifacts, "--checkpoint", _files.Checkpoint, "--data", _files.Data);
        string exported = _files.File("exported.onnx");
        await ToolRun.SucceedAsync("export", _files.Artifacts, "--checkpoint", _files.Checkpoint, "--out", exported);
        Assert.Equal(trained, TensorData.ToFloats(OnnxModel.Load(exported).Proto.Graph.Initializer.Single(static tensor => tensor.Name == "head.bias")));
    }

    [Fact]
    public async Task What_the_official_tool_made_is_described()
    {
        var report = await ToolRun.SucceedAsync("inspect", Path.GetDirectoryName(TestFiles.Model("official-mnist/eval_model.onnx"))!);
        Assert.Equal(ArtifactManifest.OfficialLayout, report.GetProperty("layout").GetString());
        Assert.Equal("cross-entropy", report.GetProperty("loss").GetString());
        Assert.Equal(397510, report.GetProperty("trainableCount").GetInt64());
        Assert.Contains(report.GetProperty("files").EnumerateArray(), static file => file.GetString() == "checkpoint.ckpt");
    }
}
