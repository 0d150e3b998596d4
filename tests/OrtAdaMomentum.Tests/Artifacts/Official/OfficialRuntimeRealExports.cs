using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.RealExports;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>As <see cref="OfficialRuntimeJudge"/>, with models as people publish them.</summary>
public sealed class OfficialRuntimeRealExports(OfficialRuntimeHost host, ITestOutputHelper output) : IClassFixture<OfficialRuntimeHost>
{
    internal const string Missing = "The official runtime or the published models are not on this machine: tests/official-runtime.sh judge fetches both and runs these tests.";

    public static bool AreThere => OfficialRuntime.IsThere && ExportsCache.IsThere;

    public static TheoryData<string> Names => ["openWakeWord alexa", "openWakeWord hey_rhasspy", "openWakeWord timer", "BlazeFace front", "Silero VAD 4", "Silero VAD 5 without If"];

    [Theory(Skip = Missing, SkipUnless = nameof(AreThere))]
    [MemberData(nameof(Names))]
    public async Task AdamW_stepped_by_the_official_runtime_agrees_with_the_stock_one(string name)
    {
        var judgement = await JudgedTraining.AdamW(host, Model(name));
        output.WriteLine($"| {name} | AdamW, there {judgement}");
        judgement.Require();
    }

    [Theory(Skip = Missing, SkipUnless = nameof(AreThere))]
    [MemberData(nameof(Names))]
    public async Task AdaMomentum_stepped_on_the_official_runtimes_buffers_agrees_with_the_stock_one(string name)
    {
        var judgement = await JudgedTraining.AdaMomentum(host, Model(name));
        output.WriteLine($"| {name} | AdaMomentum, here {judgement}");
        judgement.Require();
    }

    [Theory(Skip = Missing, SkipUnless = nameof(AreThere))]
    [MemberData(nameof(Names))]
    public async Task Gradients_by_the_official_operators_agree_with_those_by_ordinary_ones(string name)
    {
        var judgement = await JudgedTraining.AdamW(host, Model(name), OfficialKernelUse.On);
        output.WriteLine($"| {name} | AdamW, its operators {judgement}");
        judgement.Require();
    }

    private static JudgedModel Model(string name)
    {
        var export = RealExportTable.All[name];
        return new(name, () => OnnxModel.Load(ExportsCache.PathOf(export.File)), export.Options)
        {
            Batch = export.Batch,
            Data = manifest => RealExportData.Create(export, manifest),
        };
    }
}
