using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Tests.Artifacts.Official;
using OrtAdaMomentum.Tools;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Tools;

/// <summary>What <c>train</c> takes from official artifacts and leaves for the official runtime, and which verbs run on that runtime.</summary>
public sealed class OfficialTrainToolTests : IDisposable
{
    private readonly ToolFixture _files = new();

    private string Out => _files.File("official");

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Training_steps_as_the_optimizer_model_declares_and_goes_on_from_the_checkpoint()
    {
        string data = _files.File("mnist.npz");
        OfficialMnist.SaveData(data);
        var first = await RunAsync(OfficialMnist.Folder, data, "first.ckpt", "--official-out", Out);
        Assert.Contains("AdamW in the form of Hugging Face, betas 0.9 and 0.999, epsilon 1E-06, weight decay 0, learning rate 0.001", first.Error, StringComparison.Ordinal);
        Assert.Contains("no state of an optimizer", first.Error, StringComparison.Ordinal);
        Assert.Equal("adamw", first.Json.GetProperty("optimizer").GetString());
        Assert.Equal(OfficialMnist.Losses[0], first.Json.GetProperty("loss").GetDouble(), 2e-6);
        Assert.Equal(Out, first.Json.GetProperty("officialOut").GetString());

        // The third loss is that of a second step which went on from the moments of the first.
        var second = await RunAsync(Out, data, "second.ckpt", "--epochs", "2");
        Assert.Contains("from the state in the checkpoint, at step 1.", second.Error, StringComparison.Ordinal);
        Assert.Equal(OfficialMnist.Losses[2], second.Json.GetProperty("loss").GetDouble(), 2e-6);

        var resumed = await RunAsync(Out, data, "second.ckpt", "--epochs", "2", "--resume", "--official-out", _files.File("again"));
        Assert.Equal(2, resumed.Json.GetProperty("resumedAtStep").GetInt32());
        Assert.Equal(3, OfficialArtifacts.Load(_files.File("again")).Checkpoint.OptimizerGroups.Single().Step);
    }

    [Theory]
    [InlineData("adamomentum")]
    [InlineData("sgd")]
    public async Task A_chosen_optimizer_comes_before_the_declared_one_and_says_so(string optimizer)
    {
        await _files.GenerateAsync("--layout", "official");
        var run = await RunAsync([.. _files.Train("--optimizer", optimizer, "--official-out", Out), "--json"]);
        Assert.Equal(optimizer, run.Json.GetProperty("optimizer").GetString());
        Assert.Contains($"Steps with {optimizer} and the options given here, not as the optimizer model declares (adamw).", run.Error, StringComparison.Ordinal);
        Assert.Contains($"has no state of the optimizer, because its optimizer model does not step with {optimizer}", run.Error, StringComparison.Ordinal);
        Assert.Empty(OfficialArtifacts.Load(Out).Checkpoint.OptimizerGroups);
    }

    [Fact]
    public async Task Single_options_come_before_what_is_declared()
    {
        await _files.GenerateAsync("--layout", "official", "--official-optimizer", "sgd", "--official-clip-norm", "0.5");
        var declared = await RunAsync([.. _files.Train("--official-out", Out), "--json"]);
        Assert.Equal("sgd", declared.Json.GetProperty("optimizer").GetString());
        Assert.Contains("SGD without momentum, weight decay 0, gradients clipped to a norm of 0.5", declared.Error, StringComparison.Ordinal);
        var group = OfficialArtifacts.Load(Out).Checkpoint.OptimizerGroups.Single();
        Assert.True(group.Step > 0);
        // The official runtime refuses a checkpoint without it, although its SGD has no use for one.
        Assert.All(group.States, static state => Assert.Equal(OfficialOptimizerState.FirstMoment, Assert.Single(state.Moments).Name));
        var given = await RunAsync([.. _files.Train("--overwrite", "--weight-decay", "0.25", "--clip-norm", "0.125"), "--json"]);
        Assert.Contains("SGD without momentum, weight decay 0.25, gradients clipped to a norm of 0.125", given.Error, StringComparison.Ordinal);
        Assert.NotEqual(declared.Json.GetProperty("loss").GetDouble(), given.Json.GetProperty("loss").GetDouble());
    }

    [Fact]
    public async Task Without_an_optimizer_model_the_usual_optimizer_steps()
    {
        await _files.GenerateAsync("--layout", "official", "--prefix", "p-");
        foreach (string file in new[] { "p-optimizer_model.onnx", "p-artifacts.json" })
            File.Delete(Path.Combine(_files.Artifacts, file));
        var run = await RunAsync([.. _files.Train("--official-out", Out), "--json"]);
        Assert.Equal("adamomentum", run.Json.GetProperty("optimizer").GetString());
        Assert.Contains("no optimizer model", run.Error, StringComparison.Ordinal);
        Assert.Equal(["p-checkpoint", "p-eval_model.onnx", "p-training_model.onnx"], Directory.GetFiles(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_place_that_is_taken_is_refused_before_anything_runs()
    {
        await _files.GenerateAsync("--layout", "official");
        await Refused("the artifacts themselves", _files.Artifacts + Path.DirectorySeparatorChar);
        await Refused("is a file", _files.Model);
        await Refused("holds other files", Path.GetDirectoryName(_files.Model)!);
        await _files.GenerateAsync();
        await Refused("stock layout", Out);
        Assert.False(File.Exists(_files.Checkpoint));
        Assert.False(Directory.Exists(Out));

        Task Refused(string reason, string target) => ToolRun.FailAsync(ExitCodes.Usage, reason, _files.Train("--official-out", target));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("eval")]
    [InlineData("gradients")]
    public async Task A_backend_that_this_build_does_not_have_is_refused_in_one_sentence(string verb)
    {
        Assert.SkipWhen(FineTuningSession.IsAvailable(TrainingBackend.Official), "The tests were built with the official runtime.");
        await _files.GenerateAsync("--layout", "official");
        string[] arguments = verb switch
        {
            "train" => _files.Train(),
            "eval" => ["eval", _files.Artifacts, "--data", _files.Data],
            _ => ["gradients", _files.Artifacts, "--data", _files.Data, "--out", _files.File("gradients.npz")],
        };
        string[] before = Files();
        await ToolRun.FailAsync(ExitCodes.Device, "build the tool with -p:OrtPackage=Training", [.. arguments, "--backend", "official"]);
        Assert.Equal(before, Files());
        await ToolRun.SucceedAsync([.. arguments, "--backend", "stock"]);

        string[] Files() => [.. Directory.GetFileSystemEntries(Path.GetDirectoryName(_files.Model)!).Order(StringComparer.Ordinal)];
    }

    private Task<ToolRun> RunAsync(string folder, string data, string checkpoint, params string[] more) =>
        RunAsync(["train", folder, "--data", data, "--checkpoint", _files.File(checkpoint), "--batch", "2", "--json", .. more]);

    private static Task<ToolRun> RunAsync(string[] arguments) => ToolRun.RunAsync(arguments, TestContext.Current.CancellationToken);
}
