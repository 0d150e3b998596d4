using Google.Protobuf;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>
/// A convolutional network as the official generator writes it, with any number of samples in a batch, against the gradients that this library
/// writes for the same forward model.
/// </summary>
public sealed class OfficialNetworkTests : IDisposable
{
    private static readonly (string Name, float[] Values, long[] Shape)[] Trained =
    [
        ("conv.weight", OrtRun.Random(36, 1), [4, 1, 3, 3]), ("conv.bias", OrtRun.Random(4, 2), [4]), ("norm.scale", OrtRun.Random(4, 3), [4]),
        ("norm.bias", OrtRun.Random(4, 4), [4]), ("head.weight", OrtRun.Random(192, 5), [3, 64]), ("head.bias", OrtRun.Random(3, 6), [3]),
    ];

    private static readonly (string Name, float[] Values, long[] Shape)[] Frozen = [("norm.mean", [0, 0, 0, 0], [4]), ("norm.var", [1, 1, 1, 1], [4])];

    private static readonly TensorType Image = new(ElementType.Float, [Dimension.Named("batch"), 1, 8, 8]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Gradients_equal_those_that_are_generated_from_the_forward_model()
    {
        File.WriteAllBytes(_folder.File("training_model.onnx"), OfficialTraining().ToByteArray());
        new OfficialCheckpoint
        {
            TrainableParameters = [.. Trained.Select(static tensor => OfficialTensor.FromSingles(tensor.Name, tensor.Shape, tensor.Values))],
            FrozenParameters = [.. Frozen.Select(static tensor => OfficialTensor.FromSingles(tensor.Name, tensor.Shape, tensor.Values))],
        }.Save(_folder.File("checkpoint"));
        var generated = ArtifactGenerator.Generate(
            new OnnxModel(Forward(), "forward"), new ArtifactOptions { BatchNormalization = BatchNormalizationMode.Training });

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
            // Evaluation uses the stored statistics; there is no eval model, so the training model is switched.
            Assert.Equal(3 * size, actual.EvalStep(same).Output().Length);
        }
    }

    private static ModelProto Forward()
    {
        var model = new ModelBuilder(17).Input("x", Image);
        foreach (var (name, values, shape) in Trained.Concat(Frozen))
            model.Initializer(name, values, shape);
        return model.Node("Conv", ["x", "conv.weight", "conv.bias"], ["c"], ("pads", new long[] { 1, 1, 1, 1 }))
            .Node("BatchNormalization", ["c", "norm.scale", "norm.bias", "norm.mean", "norm.var"], ["n"])
            .Node("Relu", ["n"], ["r"])
            .Node("MaxPool", ["r"], ["p"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }))
            .Node("Flatten", ["p"], ["f"])
            .Node("Gemm", ["f", "head.weight", "head.bias"], ["scores"], ("transB", 1L))
            .Output("scores", new TensorType(ElementType.Float, [Dimension.Named("batch"), 3])).Build();
    }

    private static ModelProto OfficialTraining()
    {
        const string own = OnnxDomains.Microsoft;
        var model = new ModelBuilder(17).Opset(own, 1).Input("x", Image).Input("labels", new TensorType(ElementType.Int32, [Dimension.Named("batch")]));
        foreach (var (name, _, shape) in Trained.Concat(Frozen))
            model.Input(name, ElementType.Float, shape);
        foreach (var (name, _, shape) in Trained)
            model.Input(name + "_grad.accumulation.buffer", ElementType.Float, shape);
        model.Input("lazy_reset_grad", ElementType.Bool, 1).Initializer("loss_grad", [1f]).Initializer("rows", new long[] { 0 }, 1)
            .Node("Conv", ["x", "conv.weight", "conv.bias"], ["c"], ("pads", new long[] { 1, 1, 1, 1 }))
            .Node(own, "BatchNormInternal", ["c", "norm.scale", "norm.bias", "norm.mean", "norm.var"], ["n", "next.mean", "next.var", "kept.mean", "kept.inverse"], ("training_mode", 1L))
            .Node("Relu", ["n"], ["r"])
            .Node("MaxPool", ["r"], ["p", "places"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }))
            .Node("Flatten", ["p"], ["f"])
            .Node("Gemm", ["f", "head.weight", "head.bias"], ["scores"], ("transB", 1L))
            .Node(own, "SoftmaxCrossEntropyLossInternal", ["scores", "labels"], ["loss", "logs"], ("reduction", "mean"))
            .Node(own, "SoftmaxCrossEntropyLossInternalGrad", ["loss_grad", "logs", "labels"], ["scores_grad"], ("reduction", "mean"))
            .Node("Gemm", ["scores_grad", "f"], ["head.weight_grad"], ("transA", 1L))
            .Node("ReduceSum", ["scores_grad", "rows"], ["head.bias_grad"], ("keepdims", 0L))
            .Node("Gemm", ["scores_grad", "head.weight"], ["f_grad"])
            .Node("Shape", ["p"], ["p_shape"])
            .Node("Reshape", ["f_grad", "p_shape"], ["p_grad"])
            .Node("MaxPoolGrad", ["p_grad", "places"], ["r_grad"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }))
            .Node(own, "ReluGrad", ["r_grad", "r"], ["n_grad"])
            .Node(own, "BatchNormalizationGrad", ["n_grad", "c", "norm.scale", "kept.mean", "kept.inverse"], ["c_grad", "norm.scale_grad", "norm.bias_grad"])
            .Node(own, "ConvGrad", ["c_grad", "x", "conv.weight"], ["", "conv.weight_grad", "conv.bias_grad"], ("pads", new long[] { 1, 1, 1, 1 }));
        model.Output("loss", TensorType.Of(ElementType.Float));
        foreach (var (name, _, _) in Trained)
        {
            model.Node(own, "InPlaceAccumulatorV2", [name + "_grad.accumulation.buffer", name + "_grad", "lazy_reset_grad"], [name + "_grad.accumulation.out"])
                .Output(name + "_grad.accumulation.out", TensorType.Of(ElementType.Bool, 1));
        }

        return model.Build();
    }
}
