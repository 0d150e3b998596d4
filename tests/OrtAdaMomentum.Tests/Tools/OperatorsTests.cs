using OrtAdaMomentum.Tools;

namespace OrtAdaMomentum.Tests.Tools;

/// <summary><c>operators</c>: the list of operators, which is also the documentation's.</summary>
public class OperatorsTests
{
    [Fact]
    public async Task The_documentation_is_what_the_command_prints()
    {
        var run = await ToolRun.RunAsync(["operators"], TestContext.Current.CancellationToken);
        string documented = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "ops.md"), TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.Ok, run.ExitCode);
        Assert.True(
            run.Output.ReplaceLineEndings("\n") == documented.ReplaceLineEndings("\n"),
            "docs/ops.md is not what the registry says. Write it anew: dotnet run --project src/Artifacts.Tools -c Release -- operators > docs/ops.md");
    }

    [Fact]
    public async Task The_readme_names_the_coverage_that_is()
    {
        var run = await ToolRun.RunAsync(["operators", "--json"], TestContext.Current.CancellationToken);
        string coverage = $"{run.Json.GetProperty("withGradient").GetInt32()} of {run.Json.GetProperty("differentiable").GetInt32()}";
        string readme = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "README.md"), TestContext.Current.CancellationToken);
        Assert.Contains($"for {coverage} differentiable operators", readme.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }
}
