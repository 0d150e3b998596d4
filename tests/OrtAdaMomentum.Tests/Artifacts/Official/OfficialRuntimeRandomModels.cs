using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Tests.Gradients.Walks;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>The official runtime gives the loss and the gradients of models that chance put together as the stock one does.</summary>
public sealed class OfficialRuntimeRandomModels(OfficialRuntimeHost host) : IClassFixture<OfficialRuntimeHost>
{
    public static bool IsThere => OfficialRuntime.IsThere;

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [InlineData(OfficialKernelUse.Off, false)]
    [InlineData(OfficialKernelUse.Off, true)]
    [InlineData(OfficialKernelUse.On, false)]
    [InlineData(OfficialKernelUse.On, true)]
    public async Task Gradients_there_are_those_here(OfficialKernelUse kernels, bool recompute)
    {
        List<string> failures = [];
        foreach (int seed in RandomModels.Seeds)
        {
            try
            {
                await Judge(RandomModels.Judged(seed), kernels, recompute);
            }
#pragma warning disable CA1031 // All are tried, and each failure is shown with its seed.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failures.Add($"{RandomModels.Describe(seed)}: {error}");
            }
        }

        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    private async Task Judge(JudgedModel model, OfficialKernelUse kernels, bool recompute)
    {
        using var official = new OfficialSide(
            host, model with { Options = model.Options with { Recompute = recompute } }, new OfficialLayoutOptions { RawGradients = true, Kernels = kernels });
        using var stock = new StockSide(model);
        await official.Open();
        using var batch = stock.Session.CreateBatch(model.Batch);
        model.Fill(batch, 1);
        float expected = stock.Session.TrainStep(batch);
        var outputs = await host.Runtime.Train(JudgedModel.Feeds(batch));
        await host.Runtime.Close();
        var judgement = new Judgement();
        judgement.AddLoss(expected, outputs[stock.Session.Manifest.LossOutput].Floats[0]);
        judgement.SetGradients(stock.Session.Gradients, outputs, stock.Session.Manifest);
        Assert.InRange(judgement.Loss, 0, 1e-5);
        Assert.InRange(judgement.Gradients, 0, 1e-4);
    }
}
