using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>The official runtime trains the artifacts of the official layout as the stock one trains those of the stock layout.</summary>
public sealed class OfficialRuntimeJudge(OfficialRuntimeHost host, ITestOutputHelper output) : IClassFixture<OfficialRuntimeHost>
{
    private const int Steps = 10, BatchSize = 6;

    /// <summary>The official generator's own, instead of 1e-8: where a gradient is nothing but rounding, it keeps the step from making it large.</summary>
    private const double Epsilon = 1e-6;

    /// <summary>AdaMomentum's first steps are ten times as long as AdamW's, so that the parameters move as far with a tenth of its rate.</summary>
    private const double Rate = 1e-4;

    public static bool IsThere => OfficialRuntime.IsThere;

    public static TheoryData<string> Models => [.. JudgedModels.All.Select(static model => model.Name)];

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [MemberData(nameof(Models))]
    public async Task AdamW_stepped_by_the_official_runtime_agrees_with_the_stock_one(string name)
    {
        using var official = new OfficialSide(host, JudgedModels.Named(name), Options());
        using var stock = new StockSide(official.Model);
        using var optimizer = new AdamW(stock.Session.Parameters.Layout, AdamWOptions());
        await official.Open();
        var judgement = await Train(official, stock, optimizer, stepOfficial: async _ =>
        {
            await host.Runtime.Step();
            await host.Runtime.Reset();
        });
        output.WriteLine($"| {name} | AdamW, there {judgement}");
        judgement.Require();
    }

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [MemberData(nameof(Models))]
    public async Task AdaMomentum_stepped_on_the_official_runtimes_buffers_agrees_with_the_stock_one(string name)
    {
        using var official = new OfficialSide(host, JudgedModels.Named(name), Options());
        using var stock = new StockSide(official.Model);
        using var optimizer = new AdaMomentum(stock.Session.Parameters.Layout, new AdaMomentumOptions { LearningRate = Rate });
        using var theirs = new AdaMomentum(stock.Session.Parameters.Layout, new AdaMomentumOptions { LearningRate = Rate });
        using var parameters = new FlatBuffer(theirs.Layout);
        using var gradients = new FlatBuffer(theirs.Layout);
        await official.Open();
        var judgement = await Train(official, stock, optimizer, stepOfficial: async outputs =>
        {
            parameters.CopyFromPacked(await host.Runtime.Parameters());
            gradients.CopyFromPacked(Judgement.Pack(outputs, stock.Session.Manifest));
            Assert.True(theirs.Step(parameters, gradients).Applied);
            await host.Runtime.SetParameters(Judgement.Pack(parameters));
            await host.Runtime.Reset();
        });
        output.WriteLine($"| {name} | AdaMomentum, here {judgement}");
        judgement.Require();
    }

    private static OfficialLayoutOptions Options() => new() { RawGradients = true, AdamW = AdamWOptions() };

    private static AdamWOptions AdamWOptions() => new() { Epsilon = Epsilon, WeightDecay = 0.01 };

    private async Task<Judgement> Train(
        OfficialSide official, StockSide stock, Optimizer optimizer, Func<IReadOnlyDictionary<string, OfficialValue>, Task> stepOfficial)
    {
        var judgement = new Judgement();
        string loss = stock.Session.Manifest.LossOutput;
        float[] initial = stock.Session.ToBuffer();
        Assert.Equal(initial, await host.Runtime.Parameters());
        using var batch = stock.Session.CreateBatch(BatchSize);
        for (int step = 0; step < Steps; step++)
        {
            official.Model.Fill(batch, step);
            float expected = stock.Session.TrainStep(batch);
            var outputs = await host.Runtime.Train(JudgedModel.Feeds(batch));
            judgement.AddLoss(expected, outputs[loss].Floats[0]);
            if (step == 0)
                judgement.SetGradients(Judgement.Pack(stock.Session.Gradients), Judgement.Pack(outputs, stock.Session.Manifest));
            Assert.True(optimizer.Step(stock.Session.Parameters, stock.Session.Gradients).Applied);
            stock.Session.LazyResetGrad();
            await stepOfficial(outputs);
        }

        judgement.AddLoss(stock.Session.EvalStep(batch).Loss, (await host.Runtime.Evaluate(JudgedModel.Feeds(batch)))[loss].Floats[0]);
        judgement.SetParameters(initial, stock.Session.ToBuffer(), await host.Runtime.Parameters());
        await host.Runtime.Close();
        return judgement;
    }
}
