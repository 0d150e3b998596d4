namespace OrtAdaMomentum.Tests.Gradients.Golden;

/// <summary>Compares the gradients of every case with those that PyTorch computed in double.</summary>
public class GoldenGradients
{
    private const string Regenerate = "Regenerate the golden files: see tests/OrtAdaMomentum.Tests/Gradients/Golden/README.md.";

    public static IEnumerable<TheoryDataRow<string>> Cases() =>
        GradientCases.All.Where(static item => item.NoTorch is null).Select(static item => new TheoryDataRow<string>(item.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Analytic_gradients_equal_PyTorchs(string name)
    {
        var @case = GradientCases.Named(name);
        var golden = GoldenFile.Find(name);
        Assert.True(
            golden is not null,
            $"PyTorch's gradients of case '{name}' are not in the golden files. {Regenerate} Where PyTorch has no counterpart, the case says so (NoTorch).");
        Assert.True(golden.Hash == CaseExport.Describe(@case).Case.Hash, $"Case '{name}' has changed since PyTorch saw it. {Regenerate}");

        var values = new CaseValues(@case);
        using var numeric = new NumericGradient(@case, values);
        var analytic = AnalyticGradient.Compute(@case, values, numeric.Precision, ShapeKnowledge.Fixed, numeric);
        for (int index = 0; index < @case.Inputs.Count; index++)
        {
            if (@case.Inputs[index].Role == InputRole.Variable)
                GradientCheck.AssertClose(golden.Gradients[CaseModel.Input(index)], GradientCheck.Elements(@case, analytic, index), 1e-5, $"input {index}");
        }
    }

    [Fact]
    public void The_golden_files_hold_no_case_that_is_gone()
    {
        var known = GradientCases.All.Select(static item => item.Name).ToHashSet();
        Assert.DoesNotContain(GoldenFile.Names, name => !known.Contains(name));
    }

    [Fact]
    public void Every_case_can_be_exported()
    {
        // With the variable set, this is how the input of torch_gradients.py is made.
        string? wanted = Environment.GetEnvironmentVariable("ORTADAM_EXPORT_GRADIENT_CASES");
        string folder = string.IsNullOrEmpty(wanted) ? Directory.CreateTempSubdirectory("gradient-cases").FullName : wanted;
        try
        {
            CaseExport.Write(folder);
            int exported = GradientCases.All.Count(static item => item.NoTorch is null);
            Assert.Equal(exported, Directory.GetFiles(folder, "*.onnx").Length);
        }
        finally
        {
            if (folder != wanted)
                Directory.Delete(folder, recursive: true);
        }
    }
}
