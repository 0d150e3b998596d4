using System.Numerics.Tensors;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

public sealed class TypedPredictorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_application_asks_with_its_own_types()
    {
        TinyClassifier.Write(_folder, slant: 5);
        await using var host = await ServiceHost.StartAsync(_folder, build: static builder => builder.AddPredictor<(float Left, float Right), string>(
            static pair => new Dictionary<string, SampleTensor> { ["x"] = SampleTensor.Of<float>([pair.Left, pair.Right], 2) },
            static outputs => TensorPrimitives.IndexOfMax(outputs["logits"].Values<float>()) == 0 ? "left" : "right"));
        var predictor = host.Get<IPredictor<(float Left, float Right), string>>();

        Assert.Equal("left", predictor.Predict((2, 1)).Value);
        var answer = await predictor.PredictAsync((1, 2), TestContext.Current.CancellationToken);
        Assert.Equal(("right", host.Registry.Current.Id), (answer.Value, answer.Version.Id));
    }
}
