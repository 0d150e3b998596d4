using OrtAdaMomentum.Artifacts.Official;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>The official runtime trains the artifacts of the official layout as the stock one trains those of the stock layout.</summary>
public sealed class OfficialRuntimeJudge(OfficialRuntimeHost host, ITestOutputHelper output) : IClassFixture<OfficialRuntimeHost>
{
    public static bool IsThere => OfficialRuntime.IsThere;

    public static TheoryData<string> Models => [.. JudgedModels.All.Select(static model => model.Name)];

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [MemberData(nameof(Models))]
    public async Task AdamW_stepped_by_the_official_runtime_agrees_with_the_stock_one(string name)
    {
        var judgement = await JudgedTraining.AdamW(host, JudgedModels.Named(name));
        output.WriteLine($"| {name} | AdamW, there {judgement}");
        judgement.Require();
    }

    public static TheoryData<string, bool> Recomputed =>
        [.. JudgedModels.All.SelectMany(static model => new[] { false, true }, static (model, recompute) => (model.Name, recompute))];

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [MemberData(nameof(Recomputed))]
    public async Task Gradients_by_the_official_operators_agree_with_those_by_ordinary_ones(string name, bool recompute)
    {
        var judgement = await JudgedTraining.AdamW(host, JudgedModels.Named(name), OfficialKernelUse.On, recompute);
        output.WriteLine($"| {name} | AdamW, its operators{(recompute ? ", recomputing" : "")} {judgement}");
        judgement.Require(gradients: 1e-5);
    }

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [MemberData(nameof(Models))]
    public async Task AdaMomentum_stepped_on_the_official_runtimes_buffers_agrees_with_the_stock_one(string name)
    {
        var judgement = await JudgedTraining.AdaMomentum(host, JudgedModels.Named(name));
        output.WriteLine($"| {name} | AdaMomentum, here {judgement}");
        judgement.Require();
    }
}
