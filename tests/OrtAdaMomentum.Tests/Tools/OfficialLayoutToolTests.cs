using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tools;

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
    public async Task They_are_described_and_not_run()
    {
        await _files.GenerateAsync("--layout", "official");
        var report = await ToolRun.SucceedAsync("inspect", _files.Artifacts);
        Assert.Equal(ArtifactManifest.OfficialLayout, report.GetProperty("layout").GetString());
        await ToolRun.FailAsync(ExitCodes.Artifacts, "--layout stock", _files.Train());
    }
}
