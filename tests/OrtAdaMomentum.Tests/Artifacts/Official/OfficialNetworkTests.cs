using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>A network as the official generator writes it, against the gradients that this library writes for the same forward model.</summary>
public sealed class OfficialNetworkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Gradients_equal_those_that_are_generated_from_the_forward_model()
    {
        OfficialNetwork.Save(_folder.Path);
        var generated = ArtifactGenerator.Generate(
            new OnnxModel(OfficialNetwork.Forward(), "forward"), new ArtifactOptions { BatchNormalization = BatchNormalizationMode.Training });

        using var expected = new FineTuningSession(generated, new FineTuningOptions { Threads = 1 });
        using var actual = FineTuningSession.Open(OfficialArtifacts.Load(_folder.Path), new FineTuningOptions { Threads = 1 });
        Assert.Equal(["conv.weight", "conv.bias", "norm.scale", "norm.bias", "head.weight", "head.bias"], actual.Manifest.Trainable.Select(static parameter => parameter.Name));
        Assert.Equal(3, actual.Manifest.ClassCount);
        foreach (int size in new[] { 2, 5 })
        {
            using var batch = expected.CreateBatch(size);
            using var same = actual.CreateBatch(size);
            OrtRun.Random(size * 64, size).CopyTo(batch.Tensor<float>("x"));
            for (int sample = 0; sample < size; sample++)
                batch.Tensor<long>(expected.Manifest.Target.Name)[sample] = sample % 3;
            batch.Tensor<float>("x").CopyTo(same.Tensor<float>("x"));
            batch.Tensor<long>(expected.Manifest.Target.Name).CopyTo(same.Tensor<long>("labels"));
            Assert.Equal(expected.TrainStep(batch), actual.TrainStep(same), 1e-5);
            foreach (var slot in expected.Gradients.Layout.Slots)
            {
                float[] other = actual.Gradients[actual.Gradients.Layout[slot.Name]].ToArray();
                Assert.All(expected.Gradients[slot].ToArray().Zip(other), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
            }

            expected.LazyResetGrad();
            actual.LazyResetGrad();
            // There is no eval model, so the training model is switched to the stored statistics.
            Assert.Equal(3 * size, actual.EvalStep(same).Output().Length);
        }
    }
}
