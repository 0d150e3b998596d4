using Google.Protobuf;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>Class labels that an official graph compares along the last axis: a class for each word of a sentence.</summary>
public sealed class OfficialClassLabelTests : IDisposable
{
    private const int Sentences = 4, Words = 2, Features = 5, Classes = 3;

    private static readonly float[] Weight = OrtRun.Random(Features * Classes, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_are_recognised_in_SparseSoftmaxCrossEntropy(bool isWeighted)
    {
        var manifest = Load(isWeighted).Training.Manifest;

        Assert.Equal(new CrossEntropyLoss().Name, manifest.LossName);
        Assert.Equal(TargetKind.ClassIndex, manifest.TargetKind);
        Assert.Equal(Classes, manifest.ClassCount);
        Assert.Equal(-1, manifest.ClassAxis);
        Assert.Null(manifest.IgnoreIndex);
        Assert.Equal("labels", manifest.Target.Name);
        Assert.Equal(isWeighted ? ["x", "weights"] : ["x"], manifest.Inputs.Select(static input => input.Name));
        Assert.Equal(["scores"], manifest.Outputs.Select(static output => output.Name));
    }

    [Fact]
    public void They_train_and_count_as_those_of_this_librarys_loss_and_one_out_of_range_is_refused()
    {
        var forward = new ModelBuilder(17).Input("x", Sentence(ElementType.Float, Features)).Initializer("weight", Weight, Features, Classes)
            .Node("MatMul", ["x", "weight"], ["scores"]).Output("scores", Sentence(ElementType.Float, Classes)).Build();
        var generated = ArtifactGenerator.Generate(new OnnxModel(forward, "forward"), new ArtifactOptions { Loss = new CrossEntropyLoss { ClassAxis = -1 } });
        using var expected = new FineTuningSession(generated, new FineTuningOptions { Kernels = KernelUse.Off });
        using var actual = FineTuningSession.Open(Load(isWeighted: false), new FineTuningOptions { Kernels = KernelUse.Off });
        var data = new TensorDataset(Sentences).Add("x", OrtRun.Random(Sentences * Words * Features, 2), Words, Features)
            .Add("labels", [0, 1, 2, 1, 0, 2, 2, 1], Words);
        using var batch = expected.CreateBatch(Sentences, data);
        using var same = actual.CreateBatch(Sentences, data);
        batch.Fill(data, [0, 1, 2, 3]);
        same.Fill(data, [0, 1, 2, 3]);

        Assert.Equal(expected.TrainStep(batch), actual.TrainStep(same), 1e-6f);
        Assert.All(expected.Gradients.Span.ToArray().Zip(actual.Gradients.Span.ToArray()), static pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        var evaluation = new Trainer(actual).Evaluate(data);
        Assert.NotNull(evaluation.Accuracy);
        Assert.Equal(new Trainer(expected).Evaluate(data).Accuracy, evaluation.Accuracy);
        same.Target.As<long>()[1] = Classes;
        Assert.Contains("labels", Assert.Throws<FineTuningException>(() => actual.TrainStep(same)).Message, StringComparison.Ordinal);
    }

    private OfficialArtifacts Load(bool isWeighted)
    {
        string[] weights = isWeighted ? ["weights"] : [];
        const string gradient = "weight_grad";
        var model = new ModelBuilder(17).Opset(OnnxDomains.Microsoft, 1).Input("x", Sentence(ElementType.Float, Features)).Input("labels", Sentence(ElementType.Int64));
        if (isWeighted)
            model.Input("weights", Sentence(ElementType.Float));
        model.Input("weight", ElementType.Float, Features, Classes).Input(gradient + ".accumulation.buffer", ElementType.Float, Features, Classes)
            .Input("lazy_reset_grad", ElementType.Bool, 1)
            .Initializer("loss_grad", [1f]).Initializer("rows of x", new long[] { -1, Features }, 2).Initializer("rows of scores", new long[] { -1, Classes }, 2)
            .Node("MatMul", ["x", "weight"], ["scores"])
            .Node("SparseSoftmaxCrossEntropy", ["scores", "labels", .. weights], ["loss", "logs"], ("reduction", "mean"))
            .Node("SparseSoftmaxCrossEntropyGrad", ["loss_grad", "logs", "labels", .. weights], ["scores_grad"], ("reduction", "mean"))
            .Node("Reshape", ["x", "rows of x"], ["flat x"])
            .Node("Reshape", ["scores_grad", "rows of scores"], ["flat scores_grad"])
            .Node("Gemm", ["flat x", "flat scores_grad"], [gradient], ("transA", 1L))
            .Node(OnnxDomains.Microsoft, "InPlaceAccumulatorV2", [gradient + ".accumulation.buffer", gradient, "lazy_reset_grad"], [gradient + ".accumulation.out"])
            .Output("loss", TensorType.Of(ElementType.Float)).Output(gradient + ".accumulation.out", TensorType.Of(ElementType.Bool, 1));
        File.WriteAllBytes(_folder.File("training_model.onnx"), model.Build().ToByteArray());
        new OfficialCheckpoint { TrainableParameters = [OfficialTensor.FromSingles("weight", [Features, Classes], Weight)] }.Save(_folder.File("checkpoint"));
        return OfficialArtifacts.Load(_folder.Path);
    }

    private static TensorType Sentence(ElementType elementType, params Dimension[] each) => new(elementType, [Dimension.Named("batch"), Words, .. each]);
}
