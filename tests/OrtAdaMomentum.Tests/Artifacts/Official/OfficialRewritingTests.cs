using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Gradients.Official;
using Cases = OrtAdaMomentum.Tests.Gradients.Official.OfficialOperators;
using Known = OrtAdaMomentum.Artifacts.Official.Operators.OfficialOperators;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>
/// Training-only operators, rewritten and run on the stock runtime, against what the official runtime's own kernels gave for the same
/// models; that is stored in Gradients/Official/official.json.
/// </summary>
public class OfficialRewritingTests
{
    public static IEnumerable<TheoryDataRow<string>> Results() =>
        from pair in Cases.Cases
        where !pair.Operator.GetsWrong(pair.Case)
        let name = pair.Operator.ResultName(pair.Case)
        where OfficialFile.Results.GetValueOrDefault(name)?.Gradients is not null
        select new TheoryDataRow<string>(name);

    [Theory]
    [MemberData(nameof(Results))]
    public void A_rewritten_operator_gives_what_the_official_kernel_gives(string name)
    {
        var (official, @case) = Cases.Cases.Single(pair => pair.Operator.ResultName(pair.Case) == name);
        Compare(name, OfficialModel.Write(official, @case)!);
    }

    public static IEnumerable<TheoryDataRow<string>> ResultsOfModels() =>
        from item in OfficialModels.All
        where OfficialFile.Results.GetValueOrDefault(item.Name)?.Gradients is not null
        select new TheoryDataRow<string>(item.Name);

    [Theory]
    [MemberData(nameof(ResultsOfModels))]
    public void A_rewritten_model_gives_what_the_official_kernels_give(string name) => Compare(name, OfficialModels.All.Single(item => item.Name == name).Model);

    [Fact]
    public void Only_operators_without_an_official_kernel_are_not_compared()
    {
        string[] without = [.. OfficialModels.All.Where(static item => OfficialFile.Results.GetValueOrDefault(item.Name)?.Gradients is null).Select(static item => OfficialModels.OperatorOf(item.Name))];
        Assert.Equal(["BatchScale", "FlattenAndUnpad", "PadAndUnflatten", "ScaledSum"], without.Order(StringComparer.Ordinal));
        Assert.All(OfficialModels.All.Where(item => without.Contains(OfficialModels.OperatorOf(item.Name))), static item => Assert.Contains("Could not find an implementation", OfficialFile.Results[item.Name].Refused, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_operator_of_the_official_results_is_covered()
    {
        var compared = Results().Select(static row => row.Data.Split(' ')[0]).ToHashSet();
        var known = Known.All.Select(static item => item.OperatorType).ToHashSet();
        Assert.Subset(known, compared);
    }

    [Fact]
    public void The_documentation_names_every_operator()
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "official-artifacts.md"));
        Assert.All(
            Known.All,
            item => Assert.Matches($@"\b{item.OperatorType}\b", text));
    }

    private static void Compare(string name, ModelProto model)
    {
        var result = OfficialFile.Results[name];
        Assert.Equal(result.Hash, OfficialModel.Hash(model));
        var rewritten = OfficialRewriting.Apply(model, "a case").Model;
        UnusedNodes.Remove(rewritten.Graph);
        using var session = CaseSession.Open(rewritten, new Dictionary<string, (Array Data, long[] Shape)>(), optimize: true);
        var outputs = session.Run();
        foreach (var (output, expected) in result.Gradients!)
            GradientCheck.AssertClose(expected, outputs[output].Numbers, 1e-5, output);
    }
}
