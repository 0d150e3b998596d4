using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>Trains a model in both runtimes on the same batches.</summary>
internal static class JudgedTraining
{
    private const int Steps = 10;

    /// <summary>The official generator's own, instead of 1e-8: where a gradient is nothing but rounding, it keeps the step from making it large.</summary>
    private const double Epsilon = 1e-6;

    /// <summary>AdaMomentum's first steps are ten times as long as AdamW's, so that the parameters move as far with a tenth of its rate.</summary>
    private const double Rate = 1e-4;

    private static readonly AdamWOptions AdamWOptions = new() { Epsilon = Epsilon, WeightDecay = 0.01 };

    private static readonly OfficialLayoutOptions Options = new() { RawGradients = true, AdamW = AdamWOptions };

    /// <summary>The official runtime steps AdamW with its own operator, this library with its own code.</summary>
    public static async Task<Judgement> AdamW(
        OfficialRuntimeHost host, JudgedModel model, OfficialKernelUse kernels = OfficialKernelUse.Off, bool recompute = false)
    {
        using var official = new OfficialSide(host, model with { Options = model.Options with { Recompute = recompute } }, Options with { Kernels = kernels });
        if (kernels == OfficialKernelUse.On)
            Assert.Subset(KernelCase.OperatorsIn(ModelProto.Parser.ParseFrom(official.Artifacts.TrainingModel.Span)).ToHashSet(), model.Kernels.ToHashSet());
        using var stock = new StockSide(model);
        using var optimizer = new AdamW(stock.Session.Parameters.Layout, AdamWOptions);
        await official.Open();
        return await Train(host, official, stock, optimizer, stepOfficial: async _ =>
        {
            await host.Runtime.Step();
            await host.Runtime.Reset();
        });
    }

    /// <summary>AdaMomentum steps here, on the gradients and parameters that the official runtime gives, which go back to it.</summary>
    public static async Task<Judgement> AdaMomentum(OfficialRuntimeHost host, JudgedModel model)
    {
        using var official = new OfficialSide(host, model, Options);
        using var stock = new StockSide(model);
        var options = new AdaMomentumOptions { LearningRate = Rate };
        using var optimizer = new AdaMomentum(stock.Session.Parameters.Layout, options);
        using var theirs = new AdaMomentum(stock.Session.Parameters.Layout, options);
        using var parameters = new FlatBuffer(theirs.Layout);
        using var gradients = new FlatBuffer(theirs.Layout);
        await official.Open();
        return await Train(host, official, stock, optimizer, stepOfficial: async outputs =>
        {
            parameters.CopyFromPacked(await host.Runtime.Parameters());
            gradients.CopyFromPacked(Judgement.Pack(outputs, stock.Session.Manifest));
            Assert.True(theirs.Step(parameters, gradients).Applied);
            await host.Runtime.SetParameters(Judgement.Pack(parameters));
            await host.Runtime.Reset();
        });
    }

    private static async Task<Judgement> Train(
        OfficialRuntimeHost host, OfficialSide official, StockSide stock, Optimizer optimizer, Func<IReadOnlyDictionary<string, OfficialValue>, Task> stepOfficial)
    {
        var judgement = new Judgement();
        string loss = stock.Session.Manifest.LossOutput;
        float[] initial = stock.Session.ToBuffer();
        Assert.Equal(initial, await host.Runtime.Parameters());
        var data = official.Model.Data?.Invoke(stock.Session.Manifest);
        using var batch = stock.Session.CreateBatch(official.Model.Batch, data);
        for (int step = 0; step < Steps; step++)
        {
            if (official.Model.Choose is { } choose)
                choose(stock.Session, batch, step);
            else
                official.Model.Fill(batch, step, data);
            float expected = stock.Session.TrainStep(batch);
            var outputs = await host.Runtime.Train(JudgedModel.Feeds(batch));
            judgement.AddLoss(expected, outputs[loss].Floats[0]);
            if (step == 0)
                judgement.SetGradients(stock.Session.Gradients, outputs, stock.Session.Manifest);
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
