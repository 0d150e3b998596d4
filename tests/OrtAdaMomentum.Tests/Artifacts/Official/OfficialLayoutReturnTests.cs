using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>What this library writes for the official runtime, it opens again and trains as what it writes for the stock one.</summary>
public sealed class OfficialLayoutReturnTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, OfficialKernelUse, bool> Models
    {
        get
        {
            var data = new TheoryData<string, OfficialKernelUse, bool>();
            foreach (var model in JudgedModels.All)
            {
                data.Add(model.Name, OfficialKernelUse.Off, false);
                data.Add(model.Name, OfficialKernelUse.On, false);
                data.Add(model.Name, OfficialKernelUse.On, true);
            }

            return data;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void Artifacts_of_the_official_layout_train_as_those_of_the_stock_layout(string name, OfficialKernelUse kernels, bool recompute)
    {
        var model = JudgedModels.Named(name);
        var settings = new OfficialLayoutOptions { RawGradients = true, AdamW = new AdamWOptions { Epsilon = 1e-6, WeightDecay = 0.01 }, Prefix = "p-", Kernels = kernels };
        ArtifactGenerator.Generate(model.Load(), model.Options with { Layout = ArtifactLayout.Official, Official = settings, Recompute = recompute }).Save(_folder.Path);
        var artifacts = OfficialArtifacts.Load(_folder.Path);
        // Kernels round otherwise, and artifacts of the official layout have no place for them.
        var options = new FineTuningOptions { Threads = 1, Kernels = KernelUse.Off }.StepAs(artifacts.Optimizer);
        using var stock = new FineTuningSession(ArtifactGenerator.Generate(model.Load(), model.Options), options);
        using var official = FineTuningSession.Open(artifacts, options);
        Assert.Equal(stock.ToBuffer(), official.ToBuffer());
        Assert.Equal(stock.Manifest.States.Select(static state => state.Name), official.Manifest.States.Select(static state => state.Name));
        // The official loss operator tells what ordinary operators do not: which axis holds the classes, how many, and which does not count.
        if (kernels == OfficialKernelUse.On && stock.Manifest.TargetKind == TargetKind.ClassIndex)
            Assert.Equal(Classes(stock.Manifest), Classes(official.Manifest));

        using var expected = stock.CreateBatch(6);
        using var actual = official.CreateBatch(6);
        for (int step = 0; step < 4; step++)
        {
            model.Fill(expected, step);
            foreach (var tensor in expected.Tensors)
                tensor.Bytes.CopyTo(actual.Tensors.Single(other => other.Name == tensor.Name).Bytes);
            AssertClose(stock.TrainStep(expected), official.TrainStep(actual));
            if (step == 0)
                AssertClose(stock.Gradients, official.Gradients);
            stock.OptimizerStep();
            official.OptimizerStep();
        }

        AssertClose(stock.EvalStep(expected).Loss, official.EvalStep(actual).Loss);
        AssertClose(stock.Parameters, official.Parameters);
        official.ExportModelForInferencing(_folder.File("exported.onnx"));
    }

    [Fact]
    public void The_optimizer_of_the_artifacts_is_that_of_the_session()
    {
        var model = JudgedModels.Named("MLP");
        var settings = new OfficialLayoutOptions { Optimizer = OfficialOptimizer.Sgd, MaximumGradientNorm = 0.5 };
        ArtifactGenerator.Generate(model.Load(), model.Options with { Layout = ArtifactLayout.Official, Official = settings }).Save(_folder.Path);
        var artifacts = OfficialArtifacts.Load(_folder.Path);
        var options = new FineTuningOptions().StepAs(artifacts.Optimizer);
        Assert.Equal("sgd", options.Optimizer);
        Assert.Equal(0.5, options.OptimizerSettings.Clipping.MaximumNorm);
        using var session = FineTuningSession.Open(artifacts);
        Assert.IsType<Sgd>(session.Optimizer);
        Assert.Empty(session.Optimizer.States);
    }

    [Theory]
    [InlineData(AdamWForm.PyTorch, true)]
    [InlineData(AdamWForm.HuggingFace, false)]
    public void The_form_of_AdamW_is_kept(AdamWForm form, bool corrects)
    {
        var model = JudgedModels.Named("MLP");
        var adamW = new AdamWOptions { Epsilon = 1e-6, WeightDecay = 0.25, Form = form, CorrectsBias = corrects };
        var settings = new OfficialLayoutOptions { AdamW = adamW };
        ArtifactGenerator.Generate(model.Load(), model.Options with { Layout = ArtifactLayout.Official, Official = settings }).Save(_folder.Path);
        Assert.Equal(adamW, OfficialArtifacts.Load(_folder.Path).Optimizer!.AdamW);
    }

    private static (TargetKind Kind, long? Count, int? Axis, long? Ignored) Classes(ArtifactManifest manifest) =>
        (manifest.TargetKind, manifest.ClassCount, manifest.ClassAxis, manifest.IgnoreIndex);

    private static void AssertClose(FlatBuffer expected, FlatBuffer actual)
    {
        double distance = 0, size = 0;
        foreach (var slot in expected.Layout.Slots)
        {
            float[] here = expected[slot].ToArray(), there = actual[actual.Layout[slot.Name]].ToArray();
            distance += here.Zip(there).Sum(static pair => Math.Pow(pair.First - pair.Second, 2));
            size += here.Sum(static value => (double)value * value);
        }

        Assert.NotEqual(0, size);
        Assert.InRange(Math.Sqrt(distance), 0, 1e-5 * Math.Sqrt(size));
    }

    private static void AssertClose(float expected, float actual) => Assert.InRange(Math.Abs(expected - actual), 0, 1e-5 * Math.Abs(expected));
}
