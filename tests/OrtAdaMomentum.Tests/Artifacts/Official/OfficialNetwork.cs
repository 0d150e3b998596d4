using Google.Protobuf;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>A convolutional network as the official generator writes it.</summary>
internal static class OfficialNetwork
{
    private static readonly (string Name, float[] Values, long[] Shape)[] Trained =
    [
        ("conv.weight", OrtRun.Random(36, 1), [4, 1, 3, 3]), ("conv.bias", OrtRun.Random(4, 2), [4]), ("norm.scale", OrtRun.Random(4, 3), [4]),
        ("norm.bias", OrtRun.Random(4, 4), [4]), ("head.weight", OrtRun.Random(192, 5), [3, 64]), ("head.bias", OrtRun.Random(3, 6), [3]),
    ];

    private static readonly (string Name, float[] Values, long[] Shape)[] Frozen = [("norm.mean", [0, 0, 0, 0], [4]), ("norm.var", [1, 1, 1, 1], [4])];

    private static readonly Dimension AnyBatch = Dimension.Named("batch");

    /// <summary>Writes training model and checkpoint.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="batch">Samples in a batch; null for any number, for which the official runtime has no gradient of MaxPool.</param>
    public static void Save(string folder, int? batch = null)
    {
        File.WriteAllBytes(Path.Combine(folder, "training_model.onnx"), Training(batch is { } size ? size : AnyBatch).ToByteArray());
        new OfficialCheckpoint
        {
            TrainableParameters = [.. Trained.Select(static tensor => OfficialTensor.FromSingles(tensor.Name, tensor.Shape, tensor.Values))],
            FrozenParameters = [.. Frozen.Select(static tensor => OfficialTensor.FromSingles(tensor.Name, tensor.Shape, tensor.Values))],
        }.Save(Path.Combine(folder, "checkpoint"));
    }

    public static ModelProto Forward()
    {
        var model = new ModelBuilder(17).Input("x", Image(AnyBatch));
        foreach (var (name, values, shape) in Trained.Concat(Frozen))
            model.Initializer(name, values, shape);
        return model.Node("Conv", ["x", "conv.weight", "conv.bias"], ["c"], ("pads", new long[] { 1, 1, 1, 1 }))
            .Node("BatchNormalization", ["c", "norm.scale", "norm.bias", "norm.mean", "norm.var"], ["n"])
            .Node("Relu", ["n"], ["r"])
            .Node("MaxPool", ["r"], ["p"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }))
            .Node("Flatten", ["p"], ["f"])
            .Node("Gemm", ["f", "head.weight", "head.bias"], ["scores"], ("transB", 1L))
            .Output("scores", new TensorType(ElementType.Float, [AnyBatch, 3])).Build();
    }

    private static ModelProto Training(Dimension batch)
    {
        const string own = OnnxDomains.Microsoft;
        var model = new ModelBuilder(17).Opset(own, 1).Input("x", Image(batch)).Input("labels", new TensorType(ElementType.Int32, [batch]));
        foreach (var (name, _, shape) in Trained.Concat(Frozen))
            model.Input(name, ElementType.Float, shape);
        foreach (var (name, _, shape) in Trained)
            model.Input(name + "_grad.accumulation.buffer", ElementType.Float, shape);
        model.Input("lazy_reset_grad", ElementType.Bool, 1).Initializer("loss_grad", [1f]).Initializer("rows", new long[] { 0 }, 1)
            .Node("Conv", ["x", "conv.weight", "conv.bias"], ["c"], ("pads", new long[] { 1, 1, 1, 1 }))
            .Node(
                own, "BatchNormInternal", ["c", "norm.scale", "norm.bias", "norm.mean", "norm.var"],
                ["n", "next.mean", "next.var", "kept.mean", "kept.inverse"],
                ("epsilon", 1e-5f), ("momentum", 0.9f), ("training_mode", 1L))
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
            .Node(
                own, "BatchNormalizationGrad", ["n_grad", "c", "norm.scale", "kept.mean", "kept.inverse"],
                ["c_grad", "norm.scale_grad", "norm.bias_grad"], ("epsilon", 1e-5f))
            .Node(own, "ConvGrad", ["c_grad", "x", "conv.weight"], ["", "conv.weight_grad", "conv.bias_grad"], ("pads", new long[] { 1, 1, 1, 1 }));
        model.Output("loss", TensorType.Of(ElementType.Float));
        foreach (var (name, _, shape) in Trained)
        {
            model.Node("Identity", [name + "_grad"], ["grad::" + name]).Output("grad::" + name, TensorType.Of(ElementType.Float, shape))
                .Node(own, "InPlaceAccumulatorV2", [name + "_grad.accumulation.buffer", name + "_grad", "lazy_reset_grad"], [name + "_grad.accumulation.out"])
                .Output(name + "_grad.accumulation.out", TensorType.Of(ElementType.Bool, 1));
        }

        var built = model.Build();
        built.Graph.ValueInfo.Add(TensorTypes.ToProto("r_grad", new TensorType(ElementType.Float, [batch, 4, 8, 8])));
        return built;
    }

    private static TensorType Image(Dimension batch) => new(ElementType.Float, [batch, 1, 8, 8]);
}
