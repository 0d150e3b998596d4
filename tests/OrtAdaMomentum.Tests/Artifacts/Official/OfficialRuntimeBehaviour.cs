using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>What else the official runtime does with artifacts of the official layout.</summary>
public sealed class OfficialRuntimeBehaviour(OfficialRuntimeHost host) : IClassFixture<OfficialRuntimeHost>
{
    /// <summary>What the runtime steps with unless the host sets another, which its WebAssembly module has no call for.</summary>
    private const float Rate = 1e-3f;

    public static bool IsThere => OfficialRuntime.IsThere;

    [Fact(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    public async Task Gradients_of_several_steps_add_up_until_they_are_reset()
    {
        using var official = new OfficialSide(host, JudgedModels.Named("MLP"), new() { RawGradients = true, Optimizer = OfficialOptimizer.Sgd });
        using var stock = new StockSide(official.Model);
        await official.Open();
        using var batch = stock.Session.CreateBatch(4);
        float[] expected = await host.Runtime.Parameters();
        for (int step = 0; step < 2; step++)
        {
            official.Model.Fill(batch, step);
            float[] gradients = Judgement.Pack(await host.Runtime.Train(JudgedModel.Feeds(batch)), official.Artifacts.Manifest);
            for (int index = 0; index < expected.Length; index++)
                expected[index] -= Rate * gradients[index];
        }

        await host.Runtime.Step();
        AssertClose(expected, await host.Runtime.Parameters());

        await host.Runtime.Reset();
        float[] last = Judgement.Pack(await host.Runtime.Train(JudgedModel.Feeds(batch)), official.Artifacts.Manifest);
        await host.Runtime.Step();
        AssertClose([.. expected.Zip(last, static (parameter, gradient) => parameter - Rate * gradient)], await host.Runtime.Parameters());
        await host.Runtime.Close();
    }

    [Fact(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    public async Task Gradients_longer_than_the_largest_norm_are_shortened()
    {
        const double largest = 0.01;
        using var official = new OfficialSide(
            host, JudgedModels.Named("MLP"), new() { RawGradients = true, Optimizer = OfficialOptimizer.Sgd, MaximumGradientNorm = largest });
        using var stock = new StockSide(official.Model);
        await official.Open();
        using var batch = stock.Session.CreateBatch(4);
        official.Model.Fill(batch, 1);
        float[] initial = await host.Runtime.Parameters();
        float[] gradients = Judgement.Pack(await host.Runtime.Train(JudgedModel.Feeds(batch)), official.Artifacts.Manifest);
        double norm = Math.Sqrt(gradients.Sum(static gradient => (double)gradient * gradient));
        Assert.True(norm > 2 * largest);
        await host.Runtime.Step();
        float[] moved = await host.Runtime.Parameters();
        double distance = Math.Sqrt(moved.Zip(initial, static (after, before) => Math.Pow(after - before, 2)).Sum());
        Assert.Equal(Rate * largest, distance, Rate * largest * 1e-2);
        await host.Runtime.Close();
    }

    [Fact(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    public async Task A_nominal_checkpoint_trains_once_it_is_filled_from_a_buffer()
    {
        using var official = new OfficialSide(host, JudgedModels.Named("Partly frozen"), new() { NominalCheckpoint = true });
        using var stock = new StockSide(official.Model);
        using var batch = stock.Session.CreateBatch(4);
        official.Model.Fill(batch, 1);
        await official.Open();
        float[] all = await host.Runtime.Parameters(trainableOnly: false);
        byte[] expected = (await host.Runtime.Train(JudgedModel.Feeds(batch)))["loss"].Bytes;
        await host.Runtime.Close();

        await official.Open(TrainingArtifacts.NominalCheckpointFile);
        await Assert.ThrowsAsync<OfficialRefusalException>(() => host.Runtime.Train(JudgedModel.Feeds(batch)));
        await host.Runtime.SetParameters(all, trainableOnly: false);
        Assert.Equal(expected, (await host.Runtime.Train(JudgedModel.Feeds(batch)))["loss"].Bytes);
        await host.Runtime.Close();
    }

    [Theory(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    [InlineData("Partly frozen")]
    [InlineData("LoRA-shaped")]
    [InlineData("CNN, BatchNormalization with the batch's statistics")]
    public async Task Buffers_hold_the_parameters_in_the_manifests_order_and_the_running_statistics_behind_them(string name)
    {
        using var official = new OfficialSide(host, JudgedModels.Named(name), new());
        await official.Open();
        var tensors = official.Artifacts.OfficialCheckpoint!.TrainableParameters.Concat(official.Artifacts.OfficialCheckpoint.FrozenParameters)
            .ToDictionary(static tensor => tensor.Name, static tensor => tensor.ToSingles());
        var manifest = official.Artifacts.Manifest;
        Assert.Equal(manifest.Trainable.SelectMany(parameter => tensors[parameter.Name]), await host.Runtime.Parameters());
        Assert.Equal(
            manifest.Parameters.Select(static parameter => parameter.Name).Concat(manifest.States.Select(static state => state.Name)).SelectMany(item => tensors[item]),
            await host.Runtime.Parameters(trainableOnly: false));
        await host.Runtime.Close();
    }

    [Fact(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    public async Task A_training_step_moves_running_statistics_as_the_layers_momentum_says()
    {
        using var official = new OfficialSide(host, JudgedModels.Named("CNN, BatchNormalization with the batch's statistics"), new());
        using var stock = new StockSide(official.Model);
        using var batch = stock.Session.CreateBatch(4);
        official.Model.Fill(batch, 1);
        await official.Open();
        int count = (int)official.Artifacts.Manifest.States.Sum(static state => state.Shape[0]);
        float[] first = await Statistics();
        await host.Runtime.Train(JudgedModel.Feeds(batch));
        float[] second = await Statistics();
        await host.Runtime.Train(JudgedModel.Feeds(batch));
        float[] third = await Statistics();

        // The same batch twice: what is left of the way to its statistics shrinks by the momentum, 0.9.
        Assert.NotEqual(first, second);
        for (int index = 0; index < count; index++)
            Assert.Equal(0.9 * (second[index] - first[index]), third[index] - second[index], 1e-6);
        await host.Runtime.Close();

        async Task<float[]> Statistics() => (await host.Runtime.Parameters(trainableOnly: false))[^count..];
    }

    [Fact(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    public async Task The_training_step_gives_the_models_outputs_that_were_asked_for()
    {
        using var official = new OfficialSide(host, JudgedModels.Named("Partly frozen"), new() { TrainingOutputs = ["probabilities"], Prefix = "tiny-" });
        using var stock = new StockSide(official.Model);
        using var batch = stock.Session.CreateBatch(4);
        official.Model.Fill(batch, 1);
        await official.Open();
        var training = await host.Runtime.Train(JudgedModel.Feeds(batch));
        var evaluation = await host.Runtime.Evaluate(JudgedModel.Feeds(batch));
        Assert.Equal(["loss", "probabilities"], training.Keys);
        AssertClose(evaluation["probabilities"].Floats, training["probabilities"].Floats);
        await host.Runtime.Close();
    }

    [Fact(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    public async Task Parameters_that_only_evaluation_uses_are_bound_to_their_own_places()
    {
        using var official = new OfficialSide(host, new("Two heads", TwoHeads, new() { Output = "small" }), new());
        using var stock = new StockSide(official.Model);
        using var batch = stock.Session.CreateBatch(4);
        official.Model.Fill(batch, 1);
        await official.Open();
        await host.Runtime.Train(JudgedModel.Feeds(batch));
        var outcome = stock.Session.EvalStep(batch);
        float[] large = outcome.Output("large").ToArray();
        var evaluation = await host.Runtime.Evaluate(JudgedModel.Feeds(batch));
        Assert.Equal(["loss", "small", "large"], evaluation.Keys);
        Assert.Equal(outcome.Loss, evaluation["loss"].Floats[0], 1e-6f);
        AssertClose(large, evaluation["large"].Floats);
        await host.Runtime.Close();
    }

    [Fact(Skip = OfficialRuntime.Missing, SkipUnless = nameof(IsThere))]
    public async Task A_batch_without_a_label_that_counts_has_no_loss_and_no_gradient_by_the_official_operator_either()
    {
        var model = JudgedModels.Named("Tagging, weighted classes, one ignored");
        using var official = new OfficialSide(host, model, new() { RawGradients = true, Kernels = OfficialKernelUse.On });
        using var stock = new StockSide(model);
        using var batch = stock.Session.CreateBatch(4);
        model.Fill(batch, 1);
        batch.Target.As<long>().Fill(((CrossEntropyLoss)model.Options.Loss).IgnoreIndex!.Value);
        await official.Open();
        var outputs = await host.Runtime.Train(JudgedModel.Feeds(batch));
        Assert.Equal(0, outputs["loss"].Floats[0]);
        Assert.All(Judgement.Pack(outputs, official.Artifacts.Manifest), static gradient => Assert.Equal(0, gradient));
        await host.Runtime.Close();
    }

    private static OnnxModel TwoHeads() => new(
        new ModelBuilder().Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), 3]))
            .Initializer("large.weight", OrtRun.Random(15, 1), 3, 5).Initializer("small.weight", OrtRun.Random(6, 2), 3, 2)
            .Node("MatMul", ["x", "large.weight"], ["large"]).Node("MatMul", ["x", "small.weight"], ["small"])
            .Output("large").Output("small").Build(),
        "heads");

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int index = 0; index < expected.Length; index++)
            Assert.Equal(expected[index], actual[index], 1e-6f);
    }
}
