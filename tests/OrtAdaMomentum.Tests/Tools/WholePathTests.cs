using System.Text.Json;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tests.Training;
using OrtAdaMomentum.Tests.Training.Data;
using OrtAdaMomentum.Tools;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Tools;

public sealed class WholePathTests : IDisposable
{
    private readonly ToolFixture _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_model_is_generated_trained_evaluated_and_exported()
    {
        var generated = await ToolRun.SucceedAsync("generate", _files.Model, "--out", _files.Artifacts, "--train", "head.*");
        Assert.Equal("cross-entropy", generated.GetProperty("loss").GetString());
        Assert.Equal((8 * 3) + 3, generated.GetProperty("trainableCount").GetInt32());
        Assert.Equal((4 * 8) + 8, generated.GetProperty("frozenCount").GetInt32());
        foreach (var file in generated.GetProperty("files").EnumerateArray())
            Assert.True(File.Exists(Path.Combine(_files.Artifacts, file.GetString()!)));

        var before = await ToolRun.SucceedAsync("eval", _files.Artifacts, "--data", _files.Validation);
        var trained = await ToolRun.SucceedAsync(_files.Train("--validation", _files.Validation));
        Assert.Equal(4 * 13, trained.GetProperty("steps").GetInt32());
        Assert.Equal([1, 2, 3, 4], trained.GetProperty("epochs").EnumerateArray().Select(epoch => epoch.GetProperty("epoch").GetInt32()));

        var after = await ToolRun.SucceedAsync("eval", _files.Artifacts, "--data", _files.Validation, "--checkpoint", _files.Checkpoint);
        Assert.Equal(60, after.GetProperty("count").GetInt32());
        Assert.True(after.GetProperty("loss").GetDouble() < before.GetProperty("loss").GetDouble());
        Assert.Equal(trained.GetProperty("validation").GetProperty("loss").GetDouble(), after.GetProperty("loss").GetDouble(), 1e-6);
        Assert.Equal(
            trained.GetProperty("validation").GetProperty("accuracy").GetDouble(), after.GetProperty("accuracy").GetDouble());

        string tuned = _files.File("tuned.onnx");
        var exported = await ToolRun.SucceedAsync("export", _files.Artifacts, "--checkpoint", _files.Checkpoint, "--out", tuned);
        Assert.Equal(new FileInfo(tuned).Length, exported.GetProperty("bytes").GetInt64());
        Assert.Equal(after.GetProperty("accuracy").GetDouble(), Accuracy(tuned), 6);
    }

    [Fact]
    public async Task Training_stopped_and_resumed_ends_like_training_in_one_go()
    {
        await _files.GenerateAsync();
        string[] common = ["--seed", "7", "--schedule", "cosine", "--warmup", "3", "--clip-norm", "1", "--optimizer", "adamw", "--weight-decay", "0.01"];
        await ToolRun.SucceedAsync(_files.Train(common));
        string whole = _files.File("whole.ckpt");
        File.Move(_files.Checkpoint, whole);

        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var stopped = await ToolRun.RunAsync([.. _files.Train(common), "--json"], stop.Token);
        Assert.Equal(ExitCodes.Cancelled, stopped.ExitCode);
        Assert.Equal("cancelled", stopped.ErrorKind);
        Assert.Contains("--resume", stopped.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_files.Checkpoint));

        var resumed = await ToolRun.SucceedAsync(_files.Train([.. common, "--resume"]));
        Assert.Equal(0, resumed.GetProperty("resumedAtStep").GetInt32());
        Assert.Equal(await File.ReadAllBytesAsync(whole, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(_files.Checkpoint, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_finished_training_goes_on_when_more_epochs_are_asked_for()
    {
        await _files.GenerateAsync();
        await ToolRun.SucceedAsync(_files.Train());
        var same = await ToolRun.SucceedAsync(_files.Train("--resume"));
        Assert.Equal(52, same.GetProperty("steps").GetInt32());
        Assert.Equal(JsonValueKind.Null, same.GetProperty("loss").ValueKind);

        string[] more = ["train", _files.Artifacts, "--data", _files.Data, "--checkpoint", _files.Checkpoint, "--epochs", "5", "--batch", "16", "--resume"];
        var continued = await ToolRun.SucceedAsync(more);
        Assert.Equal(52, continued.GetProperty("resumedAtStep").GetInt32());
        Assert.Equal(65, continued.GetProperty("steps").GetInt32());
        Assert.Equal(5, continued.GetProperty("epochs").EnumerateArray().Single().GetProperty("epoch").GetInt32());
    }

    [Fact]
    public async Task Gradients_are_written_with_the_loss_and_sum_to_zero_over_the_classes()
    {
        await _files.GenerateAsync();
        string path = _files.File("grads.npz");
        var report = await ToolRun.SucceedAsync("gradients", _files.Artifacts, "--data", _files.Data, "--batch", "16", "--out", path);
        Assert.Equal(16, report.GetProperty("batch").GetInt32());

        var arrays = NpzFile.Read(path);
        Assert.Equal(["body.bias_grad", "body.weight_grad", "head.bias_grad", "head.weight_grad", "loss"], arrays.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([8, 3], arrays["head.weight_grad"].Shape);
        Assert.Empty(arrays["loss"].Shape);
        Assert.Equal(report.GetProperty("loss").GetDouble(), BitConverter.ToSingle(arrays["loss"].Data.Span), 1e-6);

        // Softmax cross-entropy: the gradients of the biases before it sum to zero.
        float[] bias = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(arrays["head.bias_grad"].Data.Span).ToArray();
        Assert.Equal(0, bias.Sum(), 1e-5);
        Assert.Contains(bias, static value => value != 0);
    }

    [Fact]
    public async Task Without_json_results_are_plain_lines_on_standard_output_and_progress_is_on_standard_error()
    {
        await _files.GenerateAsync();
        var run = await ToolRun.RunAsync(_files.Train("--validation", _files.Validation), TestContext.Current.CancellationToken);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("validation accuracy", run.Output, StringComparison.Ordinal);
        Assert.Contains("epoch 1/4", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", run.Output + run.Error, StringComparison.Ordinal);

        var inspected = await ToolRun.RunAsync(["inspect", _files.Artifacts], TestContext.Current.CancellationToken);
        Assert.Contains("head.weight", inspected.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", inspected.Output, StringComparison.Ordinal);
    }

    private double Accuracy(string model)
    {
        var data = DatasetFile.Open(_files.Validation, Schemas.Classifier(TinyTask.Classes, TinyTask.Features));
        float[] probabilities = OrtRun.Run(File.ReadAllBytes(model), ("x", data.Values<float>("x"), [data.Count, TinyTask.Features]))["probabilities"].Floats;
        long[] labels = data.Values<long>("labels");
        return labels.Where((label, sample) =>
        {
            float[] row = probabilities[(sample * TinyTask.Classes)..((sample + 1) * TinyTask.Classes)];
            return Array.IndexOf(row, row.Max()) == label;
        }).Count() / (double)labels.Length;
    }
}
