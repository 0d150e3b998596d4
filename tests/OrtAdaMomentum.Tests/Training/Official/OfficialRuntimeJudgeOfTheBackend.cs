using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Tests.Artifacts.Official;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Training.Official;

/// <summary>A session on the real official runtime trains, evaluates and accumulates as one on the stock runtime.</summary>
// Not beside the tests that count the folders of open sessions.
[Collection(nameof(OfficialBackendTests))]
public sealed class OfficialRuntimeJudgeOfTheBackend(OfficialRuntimeHost host) : IClassFixture<OfficialRuntimeHost>
{
    private const int Steps = 10, BatchSize = 6;

    public static bool IsThere => OfficialRuntime.IsThere;

    public static TheoryData<string> Models => [.. JudgedModels.All.Select(static model => model.Name)];

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [MemberData(nameof(Models))]
    public void A_session_on_the_official_runtime_agrees_with_one_on_the_stock_runtime(string name)
    {
        var model = JudgedModels.Named(name);
        var layout = model.Options with { Layout = ArtifactLayout.Official };
        // AdaMomentum's first steps are long: at a higher rate they make rounding where a gradient is next to nothing large.
        var options = new FineTuningOptions { LearningRate = 1e-4, Threads = 1 };
        using var stock = new FineTuningSession(ArtifactGenerator.Generate(model.Load(), model.Options), options);
        using var official = new FineTuningSession(
            ArtifactGenerator.Generate(model.Load(), layout),
            options with { Backend = TrainingBackend.Official, OfficialRuntime = files => new NodeTraining(host.Runtime, files) });
        using var stockBatch = stock.CreateBatch(BatchSize);
        using var officialBatch = official.CreateBatch(BatchSize);
        for (int step = 0; step < Steps; step++)
        {
            // The last step is made of two batches.
            for (int part = 0; part < (step == Steps - 1 ? 2 : 1); part++)
            {
                model.Fill(stockBatch, step + part);
                model.Fill(officialBatch, step + part);
                Near.Assert(stock.TrainStep(stockBatch), official.TrainStep(officialBatch));
            }

            stock.OptimizerStep(average: true);
            official.OptimizerStep(average: true);
        }

        Near.Assert(stock.ToBuffer(), official.ToBuffer());
        Assert.All(stock.Manifest.States, state => Near.Assert(stock.GetParameter(state.Name), official.GetParameter(state.Name)));
        Near.Assert(stock.EvalStep(stockBatch).Loss, official.EvalStep(officialBatch).Loss);
    }
}
