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

    [Fact]
    public void Fake_quantisation_gives_what_the_official_kernel_gives() => Compare(FakeQuantization.Name, FakeQuantization.Model());

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
