using System.Text.RegularExpressions;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Training.OfficialApi;

public sealed partial class MigrationGuideTests
{
    [Theory]
    [InlineData("ProgramBefore.cs", 0)]
    [InlineData("ProgramAfter.cs", 1)]
    public void The_programs_in_the_guide_are_the_ones_that_are_compiled(string file, int block)
    {
        string guide = Block().Matches(ApiTable.Text)[block].Groups["code"].Value;
        string source = Body().Match(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Training", "OfficialApi", file))).Groups["code"].Value;

        Assert.Equal(guide, string.Join('\n', source.Split('\n').Select(static line => line.Length == 0 ? line : line[8..])) + "\n");
    }

    [Fact]
    public void The_program_after_trains_and_leaves_a_checkpoint_and_a_model()
    {
        using var folder = new TemporaryFolder();
        var artifacts = TinyTask.Artifacts();
        artifacts.Save(folder.Path);

        ProgramAfter.Run(folder.Path);

        using var session = new FineTuningSession(artifacts);
        session.LoadCheckpoint(folder.File("trained.ckpt"));
        Assert.Equal(6400L, session.GetProperty("samples"));
        Assert.Equal(200, session.Optimizer.StepCount);
        Assert.Equal("probabilities", Assert.Single(OnnxModel.Load(folder.File("tuned.onnx")).Outputs).Name);
    }

    [Fact]
    public void The_program_before_asks_the_stock_package_for_training_code()
    {
        using var folder = new TemporaryFolder();

        var problem = Assert.Throws<InvalidOperationException>(() => ProgramBefore.Run(folder.Path));

        Assert.Contains("Microsoft.ML.OnnxRuntime.Training", problem.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex("public static void Run\\(string folder\\)\n    \\{\n(?<code>.*?)\n    \\}", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Body();
}
