using System.Globalization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Gradients.Official;

/// <summary>Compares gradients with those of the official training runtime's own gradient operators.</summary>
public class OfficialGradients
{
    public static IEnumerable<TheoryDataRow<string>> Compared() => Results(static pair => !pair.Operator.GetsWrong(pair.Case));

    public static IEnumerable<TheoryDataRow<string>> Wrong() => Results(static pair => pair.Operator.GetsWrong(pair.Case));

    [Theory]
    [MemberData(nameof(Compared))]
    public void Gradients_equal_those_of_the_official_operator(string name) => Compare(name);

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_the_official_operator_gets_wrong_differs(string name)
    {
        var difference = Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Compare(name));
        Assert.Contains("relative error", difference.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quantised_pair_has_the_gradient_of_the_official_fake_quantisation()
    {
        var result = OfficialFile.Results[FakeQuantization.Name];
        AssertCurrent(FakeQuantization.Name, FakeQuantization.Model());
        double[] gradient = FakeQuantization.Gradient();
        Assert.Contains(0, gradient);
        GradientCheck.AssertClose(result.Gradients!["dx0"], gradient, 1e-5, "input 0");
    }

    [Fact]
    public void Every_official_operator_that_can_run_is_compared()
    {
        var compared = Compared().Select(static row => row.Data.Split(' ')[0]).ToHashSet();
        Assert.All(OfficialOperators.All, official => Assert.Equal(official.Unusable is null, compared.Contains(official.Name)));
    }

    [Fact]
    public void The_golden_file_holds_no_case_that_is_gone()
    {
        var known = OfficialOperators.Cases.Select(static pair => pair.Operator.ResultName(pair.Case)).Concat(OfficialModels.All.Select(static item => item.Name)).ToHashSet();
        Assert.DoesNotContain(OfficialFile.Results.Keys, name => !known.Contains(name));
    }

    [Fact]
    public void Every_model_can_be_written()
    {
        // With the variable set, this is how the input of official.mjs is made.
        string? wanted = Environment.GetEnvironmentVariable("ORTADAM_EXPORT_OFFICIAL_CASES");
        string folder = string.IsNullOrEmpty(wanted) ? Directory.CreateTempSubdirectory("official-cases").FullName : wanted;
        try
        {
            int written = OfficialExport.Write(folder);
            Assert.Equal(written, Directory.GetFiles(folder, "*.onnx").Length);
            Assert.InRange(written, OfficialOperators.All.Count, OfficialOperators.Cases.Count + OfficialModels.All.Count);
        }
        finally
        {
            if (folder != wanted)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<TheoryDataRow<string>> Results(Func<(OfficialOperator Operator, GradientCase Case), bool> wanted) =>
        from pair in OfficialOperators.Cases
        where wanted(pair)
        let name = pair.Operator.ResultName(pair.Case)
        where OfficialFile.Results.GetValueOrDefault(name)?.Gradients is not null
        select new TheoryDataRow<string>(name);

    private static void Compare(string name)
    {
        var (official, @case) = OfficialOperators.Cases.Single(pair => pair.Operator.ResultName(pair.Case) == name);
        var result = OfficialFile.Results[name];
        AssertCurrent(name, OfficialModel.Write(official, @case));
        var values = new CaseValues(@case);
        using var numeric = new NumericGradient(@case, values);
        var analytic = official.GivenOutput is { } given
            ? WithGivenOutput(@case, values, numeric, given)
            : AnalyticGradient.Compute(@case, values, ElementType.Float, ShapeKnowledge.Fixed, numeric);
        foreach (var (output, gradient) in result.Gradients!)
        {
            int input = int.Parse(output.AsSpan(2), CultureInfo.InvariantCulture);
            if (@case.Inputs[input].Role == InputRole.Variable)
                GradientCheck.AssertClose(gradient, GradientCheck.Elements(@case, analytic, input), 1e-5, $"input {input}");
        }
    }

    private static void AssertCurrent(string name, ModelProto? model) => Assert.True(
        model is not null && OfficialModel.Hash(model) == OfficialFile.Results[name].Hash,
        $"'{name}' has changed since the official runtime saw it. Run tests/official-runtime.sh gradients.");

    /// <summary>The gradient with the forward node taken away and its output fed.</summary>
    private static AnalyticGradient WithGivenOutput(GradientCase @case, CaseValues values, NumericGradient numeric, int given)
    {
        var model = AnalyticGradient.Write(@case, values, ElementType.Float, ShapeKnowledge.Fixed, numeric);
        string name = CaseModel.Output(given);
        var (shape, count) = (@case.Inputs[0].Shape, @case.Inputs[0].ElementCount);
        model.Graph.Node.Remove(model.Graph.Node.Single(node => node.Output.Contains(name)));
        model.Graph.Input.Add(TensorTypes.ToProto(name, TensorType.Of(ElementType.Bool, shape)));
        var feeds = CaseModel.Feeds(@case, values, ElementType.Float);
        feeds[name] = (CaseValues.ToArray(OfficialModel.Given(@case, given, count), ElementType.Bool), shape);
        feeds[CaseModel.Weight(0)] = (CaseValues.ToArray(numeric.Weights[CaseModel.Output(0)], ElementType.Float), shape);
        using var session = CaseSession.Open(model, feeds, optimize: true);
        return new AnalyticGradient(ElementType.Float, new Dictionary<int, OrtTensor> { [0] = session.Run()["dx0"] });
    }
}
