using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>The artifacts that the official tool made for MNIST, trained on the stock runtime. The losses are those of the official runtime.</summary>
public sealed class OfficialMnistTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Three_steps_of_AdamW_give_the_losses_of_the_official_runtime()
    {
        using var session = FineTuningSession.Open(OfficialMnist.Load());
        using var batch = OfficialMnist.Batch(session);
        foreach (double loss in OfficialMnist.Losses)
            Assert.Equal(loss, OfficialMnist.Step(session, batch), 2e-6);
        Assert.Equal(0.009041566401720047, session.EvalStep(batch).Loss, 2e-6);
        Assert.Equal(-17.272136, session.ToBuffer().Sum(static value => (double)value), 2e-3);
    }

    [Theory]
    [InlineData(KernelUse.On)]
    [InlineData(KernelUse.Off)]
    public void Kernels_make_no_difference(KernelUse kernels)
    {
        var artifacts = OfficialMnist.Load();
        using var session = FineTuningSession.Open(artifacts, (new FineTuningOptions { Kernels = kernels }).StepAs(artifacts.Optimizer));
        using var batch = OfficialMnist.Batch(session);
        foreach (double loss in OfficialMnist.Losses)
            Assert.Equal(loss, OfficialMnist.Step(session, batch), 2e-6);
    }

    [Fact]
    public void The_manifest_says_what_was_found()
    {
        var artifacts = OfficialMnist.Load();
        var manifest = artifacts.Training.Manifest;
        Assert.Equal(new CrossEntropyLoss().Name, manifest.LossName);
        Assert.Equal(TargetKind.ClassIndex, manifest.TargetKind);
        Assert.Equal(10, manifest.ClassCount);
        Assert.Equal(-1, manifest.ClassAxis);
        Assert.Equal("labels", manifest.Target.Name);
        Assert.Equal(ElementType.Int64, manifest.Target.ElementType);
        Assert.Equal(["input-0"], manifest.Inputs.Select(static input => input.Name));
        Assert.Equal(["output-0"], manifest.Outputs.Select(static output => output.Name));
        // The order of the official buffers.
        Assert.Equal(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"], manifest.Trainable.Select(static parameter => parameter.Name));
        Assert.Equal(
            new AdamWOptions { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-6, WeightDecay = 0, Form = AdamWForm.HuggingFace }, artifacts.Optimizer!.AdamW);
    }

    [Fact]
    public void Training_goes_on_bit_for_bit_from_a_re_export()
    {
        var artifacts = OfficialMnist.Load();
        using var session = FineTuningSession.Open(artifacts);
        using var batch = OfficialMnist.Batch(session);
        OfficialMnist.Step(session, batch);
        session.AddProperty("epoch", 3L);
        session.AddProperty("user", "one");
        session.AddProperty("best", 0.5f);
        artifacts.Save(_folder.Path, session.ToOfficialCheckpoint(artifacts.Checkpoint), "after_");
        float second = OfficialMnist.Step(session, batch), third = OfficialMnist.Step(session, batch);

        var again = OfficialArtifacts.Load(_folder.Path);
        Assert.Equal(1, again.Checkpoint.OptimizerGroups.Single().Step);
        using var resumed = FineTuningSession.Open(again);
        Assert.Equal([3L, "one", 0.5f], new[] { "epoch", "user", "best" }.Select(resumed.GetProperty));
        using var same = OfficialMnist.Batch(resumed);
        Assert.Equal(second, OfficialMnist.Step(resumed, same));
        Assert.Equal(third, OfficialMnist.Step(resumed, same));
        Assert.Equal(session.ToBuffer(), resumed.ToBuffer());
    }

    [Fact]
    public void An_exported_model_serves_what_was_trained()
    {
        using var session = FineTuningSession.Open(OfficialMnist.Load());
        using var batch = OfficialMnist.Batch(session);
        OfficialMnist.Step(session, batch);
        float[] scores = session.EvalStep(batch).Output().ToArray();
        session.ExportModelForInferencing(_folder.File("model.onnx"));
        var model = OnnxModel.Load(_folder.File("model.onnx"));
        Assert.Equal(["input-0"], model.Inputs.Select(static input => input.Name));
        Assert.Equal(["output-0"], model.Outputs.Select(static output => output.Name));
        using var inference = new Microsoft.ML.OnnxRuntime.InferenceSession(_folder.File("model.onnx"));
        using var image = Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(batch.Tensor<float>("input-0").ToArray(), [2, 784]);
        using var options = new Microsoft.ML.OnnxRuntime.RunOptions();
        using var results = inference.Run(options, ["input-0"], [image], ["output-0"]);
        float[] served = results[0].GetTensorDataAsSpan<float>().ToArray();
        Assert.All(scores.Zip(served), static pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void The_training_artifacts_can_be_kept_as_this_librarys_own()
    {
        var artifacts = OfficialMnist.Load();
        artifacts.Training.Save(_folder.Path);
        using var session = FineTuningSession.Open(_folder.Path, new FineTuningOptions().StepAs(artifacts.Optimizer));
        using var batch = OfficialMnist.Batch(session);
        Assert.Equal(OfficialMnist.Losses[0], OfficialMnist.Step(session, batch), 2e-6);
    }

    [Fact]
    public void A_nominal_checkpoint_is_refused()
    {
        var files = OfficialArtifactFiles.Find(Path.GetDirectoryName(Checkpoints.Mnist("eval_model.onnx"))!) with { Checkpoint = Checkpoints.Mnist("nominal_checkpoint") };
        Assert.Contains("nominal", Assert.Throws<FineTuningException>(() => OfficialArtifacts.Load(files)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_other_parameters_is_refused()
    {
        var checkpoint = OfficialCheckpoint.Load(Checkpoints.Mnist("checkpoint.ckpt"));
        (checkpoint with { TrainableParameters = [.. checkpoint.TrainableParameters, OfficialTensor.FromSingles("other", [1], [1])] }).Save(_folder.File("more"));
        Refused("more", "no input for 'other'");
        (checkpoint with { TrainableParameters = [.. checkpoint.TrainableParameters.Select(static tensor => tensor.Name == "fc1.bias" ? tensor with { Shape = [5, 100] } : tensor)] })
            .Save(_folder.File("shaped"));
        Refused("shaped", "'fc1.bias' is Float[5, 100] in the checkpoint");

        void Refused(string file, string reason)
        {
            var files = OfficialArtifactFiles.Find(Path.GetDirectoryName(Checkpoints.Mnist("eval_model.onnx"))!) with { Checkpoint = _folder.File(file) };
            Assert.Contains(reason, Assert.Throws<FineTuningException>(() => OfficialArtifacts.Load(files)).Message, StringComparison.Ordinal);
        }
    }
}
