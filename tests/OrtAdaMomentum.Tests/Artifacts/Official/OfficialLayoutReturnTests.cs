using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>What this library writes for the official runtime, it opens again and trains as what it writes for the stock one.</summary>
public sealed class OfficialLayoutReturnTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Models => [.. JudgedModels.All.Select(static model => model.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void Artifacts_of_the_official_layout_train_as_those_of_the_stock_layout(string name)
    {
        var model = JudgedModels.Named(name);
        var settings = new OfficialLayoutOptions { RawGradients = true, AdamW = new AdamWOptions { Epsilon = 1e-6, WeightDecay = 0.01 }, Prefix = "p-" };
        ArtifactGenerator.Generate(model.Load(), model.Options with { Layout = ArtifactLayout.Official, Official = settings }).Save(_folder.Path);
        var artifacts = OfficialArtifacts.Load(_folder.Path);
        // Kernels round otherwise, and artifacts of the official layout have no place for them.
        var options = new FineTuningOptions { Threads = 1, Kernels = KernelUse.Off }.StepAs(artifacts.Optimizer);
        using var stock = new FineTuningSession(ArtifactGenerator.Generate(model.Load(), model.Options), options);
        using var official = FineTuningSession.Open(artifacts, options);
        Assert.Equal(stock.ToBuffer(), official.ToBuffer());
        Assert.Equal(stock.Manifest.States.Select(static state => state.Name), official.Manifest.States.Select(static state => state.Name));

        using var expected = stock.CreateBatch(6);
        using var actual = official.CreateBatch(6);
        for (int step = 0; step < 4; step++)
        {
            model.Fill(expected, step);
            foreach (var tensor in expected.Tensors)
                tensor.Bytes.CopyTo(actual.Tensors.Single(other => other.Name == tensor.Name).Bytes);
            AssertClose(stock.TrainStep(expected), official.TrainStep(actual));
            stock.OptimizerStep();
            official.OptimizerStep();
        }

        AssertClose(stock.EvalStep(expected).Loss, official.EvalStep(actual).Loss);
        Assert.All(stock.ToBuffer().Zip(official.ToBuffer()), static pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        official.ExportModelForInferencing(_folder.File("exported.onnx"));
    }

    private static void AssertClose(float expected, float actual) => Assert.InRange(Math.Abs(expected - actual), 0, 1e-5 * Math.Abs(expected));
}
