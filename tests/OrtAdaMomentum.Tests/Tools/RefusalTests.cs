using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tools;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Tools;

public sealed class RefusalTests : IDisposable
{
    private readonly ToolFixture _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("is required", "generate", "{model}")]
    [InlineData("Unrecognized command or argument 'destroy'", "destroy")]
    [InlineData("--label-smoothing takes a number", "generate", "{model}", "--out", "{out}", "--label-smoothing", "1")]
    [InlineData("--label-smoothing takes a number", "generate", "{model}", "--out", "{out}", "--label-smoothing", "0,1")]
    [InlineData("does not apply to the loss 'mse'", "generate", "{model}", "--out", "{out}", "--loss", "mse", "--label-smoothing", "0.1")]
    [InlineData("does not apply to the loss 'cross-entropy'", "generate", "{model}", "--out", "{out}", "--delta", "2")]
    [InlineData("--train and --last-layers", "generate", "{model}", "--out", "{out}", "--train", "*", "--last-layers", "1")]
    [InlineData("takes a whole number of at least 1", "generate", "{model}", "--out", "{out}", "--last-layers", "0")]
    [InlineData("NAME=VALUE", "generate", "{model}", "--out", "{out}", "--fix", "x")]
    [InlineData("two values", "generate", "{model}", "--out", "{out}", "--fix", "x=1", "--fix", "x=2")]
    [InlineData("separated by commas", "generate", "{model}", "--out", "{out}", "--class-weights", "1;2;3")]
    [InlineData("Class weights must be", "generate", "{model}", "--out", "{out}", "--class-weights", "0,0,0")]
    [InlineData("'other'", "generate", "{model}", "--out", "{out}", "--layout", "other")]
    [InlineData("does not apply to the layout 'stock'", "generate", "{model}", "--out", "{out}", "--raw-gradients")]
    [InlineData("--official-clip-norm takes a number", "generate", "{model}", "--out", "{out}", "--layout", "official", "--official-clip-norm", "0")]
    [InlineData("is a file", "generate", "{model}", "--out", "{model}")]
    [InlineData("holds other files", "generate", "{model}", "--out", "{folder}")]
    public async Task A_wrong_command_line_is_refused_and_nothing_is_written(string reason, params string[] arguments)
    {
        string[] before = Everything();
        await ToolRun.FailAsync(ExitCodes.Usage, reason, [.. arguments.Select(Place)]);
        Assert.Equal(before, Everything());
    }

    [Theory]
    [InlineData("--epochs takes a whole number", "--epochs", "0")]
    [InlineData("--lr takes a number", "--lr", "-1")]
    [InlineData("--lr takes a number", "--lr", "nan")]
    [InlineData("--seed takes a whole number", "--seed", "-1")]
    [InlineData("--clip-norm takes a number", "--clip-norm", "0")]
    [InlineData("'rmsprop'", "--optimizer", "rmsprop")]
    [InlineData("'exponential'", "--schedule", "exponential")]
    [InlineData("--device applies to --provider cuda only", "--device", "1")]
    [InlineData("exclude each other", "--resume", "--overwrite")]
    public async Task A_wrong_option_of_training_is_refused_and_nothing_is_written(string reason, params string[] options)
    {
        await _files.GenerateAsync();
        string[] before = Everything();
        await ToolRun.FailAsync(
            ExitCodes.Usage, reason, ["train", _files.Artifacts, "--data", _files.Data, "--checkpoint", _files.Checkpoint, .. options]);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public async Task A_checkpoint_is_not_written_over_what_is_there()
    {
        await _files.GenerateAsync();
        await ToolRun.SucceedAsync(_files.Train());
        await ToolRun.FailAsync(ExitCodes.Usage, "--resume", _files.Train());
        await ToolRun.SucceedAsync(_files.Train("--overwrite"));

        string own = Path.Combine(_files.Artifacts, TrainingArtifacts.CheckpointFile);
        string[] train = ["train", _files.Artifacts, "--data", _files.Data, "--checkpoint", own];
        await ToolRun.FailAsync(ExitCodes.Usage, "a file of the artifacts", [.. train, "--overwrite"]);
        await ToolRun.FailAsync(
            ExitCodes.Usage, "the checkpoint itself", "export", _files.Artifacts, "--checkpoint", _files.Checkpoint, "--out", _files.Checkpoint);
    }

    [Fact]
    public async Task Resuming_with_other_numbers_or_from_nothing_is_refused()
    {
        await _files.GenerateAsync();
        await ToolRun.FailAsync(ExitCodes.Artifacts, "there is no checkpoint", _files.Train("--resume"));
        await ToolRun.SucceedAsync(_files.Train("--seed", "3"));
        await ToolRun.FailAsync(ExitCodes.Usage, "was written with 3", _files.Train("--resume", "--seed", "4"));
        string[] otherRate = ["train", _files.Artifacts, "--data", _files.Data, "--checkpoint", _files.Checkpoint, "--resume", "--lr", "0.5"];
        await ToolRun.FailAsync(ExitCodes.Usage, "was written with 0.01", otherRate);
        await ToolRun.FailAsync(ExitCodes.Artifacts, "'adamomentum'", _files.Train("--resume", "--optimizer", "sgd"));
    }

    [Theory]
    [InlineData("batch size was 16 where the checkpoint was written and is 8 now", "--batch", "8")]
    [InlineData("number of batches for one step was 1 where the checkpoint was written and is 2 now", "--accumulate", "2")]
    [InlineData("schedule was linear where the checkpoint was written and is cosine now", "--schedule", "cosine")]
    [InlineData("number of warm-up steps was 2 where the checkpoint was written and is 3 now", "--warmup", "3")]
    [InlineData("number of epochs, on which the schedule 'linear' depends, was 4 where the checkpoint was written and is 5 now", "--epochs", "5")]
    [InlineData("number of samples was 200 where the checkpoint was written and is 60 now", "--data", "validation")]
    public async Task Resuming_another_training_is_refused_with_both_values_and_the_checkpoint_stays(string reason, string option, string value)
    {
        await _files.GenerateAsync();
        string[] train = _files.Train("--schedule", "linear", "--warmup", "2");
        await ToolRun.SucceedAsync(train);
        byte[] before = await File.ReadAllBytesAsync(_files.Checkpoint, TestContext.Current.CancellationToken);

        string[] other = [.. train, "--resume"];
        if (Array.IndexOf(other, option) is >= 0 and var place)
            other[place + 1] = value == "validation" ? _files.Validation : value;
        else
            other = [.. other, option, value];
        await ToolRun.FailAsync(ExitCodes.Usage, reason, other);
        Assert.Equal(before, await File.ReadAllBytesAsync(_files.Checkpoint, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Damaged_artifacts_and_checkpoints_have_an_exit_code_of_their_own()
    {
        await ToolRun.FailAsync(ExitCodes.Artifacts, "no such folder", "eval", _files.Artifacts, "--data", _files.Data);
        await _files.GenerateAsync();
        await File.WriteAllTextAsync(_files.Checkpoint, "nothing", TestContext.Current.CancellationToken);
        string[] eval = ["eval", _files.Artifacts, "--data", _files.Data];
        await ToolRun.FailAsync(ExitCodes.Artifacts, _files.Checkpoint, [.. eval, "--checkpoint", _files.Checkpoint]);
        await File.AppendAllTextAsync(
            Path.Combine(_files.Artifacts, TrainingArtifacts.EvalModelFile), "x", TestContext.Current.CancellationToken);
        await ToolRun.FailAsync(ExitCodes.Artifacts, "Generate the artifacts anew", eval);
    }

    [Fact]
    public async Task Models_that_cannot_be_used_are_refused()
    {
        string[] to = ["--out", _files.Artifacts];
        await ToolRun.FailAsync(ExitCodes.Model, "no such file", ["generate", _files.File("missing.onnx"), .. to]);
        await ToolRun.FailAsync(ExitCodes.Model, "TreeEnsembleClassifier", ["generate", TestFiles.Model("tree.onnx"), .. to]);
        await ToolRun.FailAsync(ExitCodes.Model, "matches no parameter", ["generate", _files.Model, "--train", "tail*", .. to]);
        await File.WriteAllTextAsync(_files.File("text.onnx"), "not a model", TestContext.Current.CancellationToken);
        await ToolRun.FailAsync(ExitCodes.Model, "text.onnx", ["generate", _files.File("text.onnx"), .. to]);
        Assert.False(Directory.Exists(_files.Artifacts));
    }

    [Fact]
    public async Task Data_that_cannot_be_used_is_refused_before_training()
    {
        await _files.GenerateAsync();
        await Refuse("no such file", _files.File("missing.npz"));
        await Refuse("no known format", _files.Model);
        await Refuse("row 1 (line 2), column 'x[1]'", Text("x[0],x[1],x[2],x[3],labels\n1,?,3,4,0\n"));
        await Refuse("class 3 is not one of the model's 3 classes", Text("a,b,c,d,labels\n1,2,3,4,3\n"));
        NpzFile.Write(_files.File("wide.npz"), [new("x", NpyArray.Create(new float[10], 2, 5)), new("labels", NpyArray.Create([0L, 1L], 2))]);
        await Refuse("shape [5], but the model takes [4]", _files.File("wide.npz"));
        Assert.False(File.Exists(_files.Checkpoint));
    }

    [Fact]
    public async Task A_schedule_longer_than_the_training_is_refused() => await WithArtifacts(() =>
        ToolRun.FailAsync(ExitCodes.Usage, "schedule", _files.Train("--schedule", "cosine", "--warmup", "100000")));

    [Fact]
    public async Task A_device_that_is_not_there_is_refused() => await WithArtifacts(() =>
        ToolRun.FailAsync(ExitCodes.Device, "CUDA", _files.Train("--provider", "cuda", "--device", "63")));

    [Fact]
    public async Task A_result_that_cannot_be_written_is_an_error_of_files() => await WithArtifacts(() =>
        ToolRun.FailAsync(ExitCodes.File, "nowhere", "gradients", _files.Artifacts, "--data", _files.Data, "--out", _files.File("nowhere/g.npz")));

    [Fact]
    public async Task Verbose_shows_where_an_error_arose()
    {
        var run = await ToolRun.RunAsync(["inspect", _files.File("missing.onnx"), "--verbose"], TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Model, run.ExitCode);
        Assert.Contains("   at ", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    private async Task WithArtifacts(Func<Task> test)
    {
        await _files.GenerateAsync();
        await test();
    }

    private Task Refuse(string reason, string data) =>
        ToolRun.FailAsync(ExitCodes.Data, reason, "train", _files.Artifacts, "--data", data, "--checkpoint", _files.Checkpoint);

    private string Text(string content)
    {
        string path = _files.File($"{Guid.NewGuid():N}.csv");
        File.WriteAllText(path, content);
        return path;
    }

    private string Place(string argument) => argument switch
    {
        "{model}" => _files.Model,
        "{out}" => _files.Artifacts,
        "{folder}" => Path.GetDirectoryName(_files.Model)!,
        _ => argument,
    };

    private string[] Everything() =>
        [.. Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_files.Model)!, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
