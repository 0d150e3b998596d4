using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tools;

namespace OrtAdaMomentum.Tests.Tools;

public sealed class InspectTests : IDisposable
{
    private readonly ToolFixture _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_model_is_described_with_what_would_train()
    {
        var report = await ToolRun.SucceedAsync("inspect", _files.Model, "--train", "head.*", "--batch", "8");
        Assert.True(report.GetProperty("canTrain").GetBoolean());
        Assert.Equal(27, report.GetProperty("trainableCount").GetInt32());
        Assert.Equal("batch", report.GetProperty("inputs")[0].GetProperty("shape")[0].GetString());
        Assert.Equal(4, report.GetProperty("inputs")[0].GetProperty("shape")[1].GetInt32());
        Assert.Equal(8, report.GetProperty("batch").GetInt32());
        Assert.True(report.GetProperty("estimatedTrainingBytes").GetInt64() > 0);
        Assert.Equal("rule", report.GetProperty("operators").EnumerateArray().Single(used => used.GetProperty("name").GetString() == "Gemm").GetProperty("gradient").GetString());
    }

    [Fact]
    public async Task A_model_with_an_operator_without_gradient_is_described_and_the_exit_code_tells()
    {
        string path = _files.File("unsupported.onnx");
        await File.WriteAllBytesAsync(path, new ModelBuilder().Opset("com.microsoft", 1)
            .Input("x", OrtAdaMomentum.Onnx.ElementType.Float, 2, 4)
            .Initializer("w", OrtRun.Random(16), 4, 4)
            .Node("MatMul", ["x", "w"], ["h"])
            .Node("ReduceMean", ["inverse"], ["unused"], ("keepdims", 0L))
            .Node("com.microsoft", "Inverse", ["square"], ["inverse"])
            .Node("MatMul", ["w", "h2"], ["square"])
            .Node("Transpose", ["w"], ["h2"])
            .Node("Mul", ["h", "unused"], ["y"])
            .Output("y").ToBytes(), TestContext.Current.CancellationToken);
        var run = await ToolRun.RunAsync(["inspect", path, "--loss", "mse", "--json"], TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Model, run.ExitCode);
        Assert.False(run.Json.GetProperty("canTrain").GetBoolean());
        Assert.Contains(run.Json.GetProperty("unsupported").EnumerateArray(), node => node.GetProperty("operator").GetString() == "Inverse");
        Assert.Contains(run.Json.GetProperty("operators").EnumerateArray(), used => used.GetProperty("gradient").GetString() == "missing");
    }

    [Fact]
    public async Task Artifacts_are_described_by_their_folder()
    {
        await _files.GenerateAsync("--last-layers", "1");
        var report = await ToolRun.SucceedAsync("inspect", _files.Artifacts);
        Assert.Equal("labels", report.GetProperty("target").GetProperty("name").GetString());
        Assert.Equal("Int64", report.GetProperty("target").GetProperty("type").GetString());
        Assert.Equal(27, report.GetProperty("trainableCount").GetInt32());
        Assert.Equal(32, report.GetProperty("batch").GetInt32());
        var larger = await ToolRun.SucceedAsync("inspect", _files.Artifacts, "--batch", "4096");
        Assert.True(larger.GetProperty("estimatedTrainingBytes").GetInt64() > report.GetProperty("estimatedTrainingBytes").GetInt64());
        await ToolRun.FailAsync(ExitCodes.Usage, "--loss applies to a model", "inspect", _files.Artifacts, "--loss", "mse");
    }
}
