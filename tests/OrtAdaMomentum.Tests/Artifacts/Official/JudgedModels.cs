using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Gradients;
using OrtAdaMomentum.Tests.Support;
using OrtAdaMomentum.Tests.Training;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>The models that the official runtime judges: every kind of layer and every way of choosing parameters.</summary>
internal static class JudgedModels
{
    private const int Time = 5, Features = 3, Hidden = 4, Classes = 3;

    public static IReadOnlyList<JudgedModel> All { get; } =
    [
        FromFile("MLP", "mlp.onnx") with { Kernels = ["TanhGrad", "SoftmaxCrossEntropyLossGrad"] },
        FromFile("CNN, BatchNormalization with the batch's statistics", "cnn_bn_train.onnx", new()
        {
            // A bias before a layer that takes the mean off has no gradient but rounding, which an adaptive step makes large.
            BatchNormalization = BatchNormalizationMode.Training, Trainable = TrainableSelection.Matching("*", "!conv.bias"),
        }) with { Kernels = ["ConvGrad", "BatchNormalizationGrad", "ReluGrad", "SoftmaxCrossEntropyLossGrad"] },
        FromFile("CNN, BatchNormalization with stored statistics", "cnn_bn_train.onnx") with { Kernels = ["ConvGrad", "ReluGrad", "SoftmaxCrossEntropyLossGrad"] },
        FromFile("CNN, depthwise and grouped", "depthwise.onnx") with { Kernels = ["ConvGrad", "ReluGrad", "SoftmaxCrossEntropyLossGrad"] },
        FromFile("Autoencoder with ConvTranspose", "convtranspose_autoencoder.onnx", new() { Loss = new BinaryCrossEntropyLoss() }) with { Kernels = ["ConvGrad", "ReluGrad", "DivGrad"] },
        FromFile("Transformer block, LayerNormalization", "transformer_block.onnx") with { Kernels = ["LayerNormalizationGrad", "SoftmaxGrad_13", "DivGrad", "SoftmaxCrossEntropyLossGrad"] },
        FromFile("Embedding by Gather", "embedding_text.onnx", new() { Loss = new BinaryCrossEntropyLoss() }, 50) with { Kernels = ["GatherGrad", "DivGrad"] },
        FromFile("Shared weights", "shared_weights.onnx", new() { Loss = new MeanSquaredErrorLoss() }) with { Kernels = ["TanhGrad", "DivGrad"] },
        FromFile("Regression", "regression.onnx", new() { Loss = new HuberLoss() }) with { Kernels = ["LeakyReluGrad", "DivGrad"] },
        FromFile("Real export: digits", "digits-base.onnx") with { Kernels = ["ConvGrad", "ReluGrad", "SoftmaxCrossEntropyLossGrad"] },
        FromFile("Real export: digits, last layer", "digits-base.onnx", new() { Trainable = TrainableSelection.LastLayers(1) }) with { Kernels = ["SoftmaxCrossEntropyLossGrad"] },
        new("Partly frozen", static () => TinyTask.Classifier(), new() { Trainable = TrainableSelection.Matching("body.weight", "head.bias") }) { Kernels = ["ReluGrad", "SoftmaxCrossEntropyLossGrad"] },
        new("LSTM", static () => Recurrent("LSTM", 4), new()) { Kernels = ["LSTMGrad", "SoftmaxCrossEntropyLossGrad"] },
        new("GRU", static () => Recurrent("GRU", 3), new()) { Kernels = ["GRUGrad", "SoftmaxCrossEntropyLossGrad"] },
        new("Language model of two blocks", static () => SmallTransformer.Build(fused: false), new(), SmallTransformer.Words) { Kernels = ["GatherGrad", "LayerNormalizationGrad", "GeluGrad", "SoftmaxGrad_13", "SoftmaxCrossEntropyLossGrad"] },
        new("Group and layer normalisation with one scale", NormalizedByOneScale, new()) { Kernels = ["ConvGrad", "SoftmaxCrossEntropyLossGrad"] },
        new("LoRA-shaped", Adapted, new() { Trainable = TrainableSelection.Matching("*.down", "*.up") }) { Kernels = ["TanhGrad", "SoftmaxCrossEntropyLossGrad"] },
        .. KernelModels.All,
    ];

    public static JudgedModel Named(string name) => All.Single(model => model.Name == name);

    private static JudgedModel FromFile(string name, string file, ArtifactOptions? options = null, int words = 1) =>
        new(name, () => OnnxModel.Load(TestFiles.Model(file)), options ?? new ArtifactOptions(), words);

    /// <summary>A scale and a bias for all elements of a row, which train.</summary>
    private static OnnxModel NormalizedByOneScale() => new(
        new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), 2, 4, 4]))
            .Initializer("conv", OrtRun.Random(4 * 2 * 3 * 3, 1), 4, 2, 3, 3)
            .Initializer("groups.scale", OrtRun.Random(4, 2), 4).Initializer("groups.bias", OrtRun.Random(4, 3), 4)
            .Initializer("rows.scale", new float[] { 1.5f }, 1).Initializer("rows.bias", new float[] { 0.5f }, 1)
            .Initializer("head.weight", OrtRun.Random(4 * 4 * Classes, 4), 4 * 4, Classes)
            .Initializer("head.bias", OrtRun.Random(Classes, 5), Classes)
            .Node("Conv", ["x", "conv"], ["convolved"])
            .Node("GroupNormalization", ["convolved", "groups.scale", "groups.bias"], ["groups"], ("num_groups", 2L))
            .Node("Flatten", ["groups"], ["row"])
            .Node("LayerNormalization", ["row", "rows.scale", "rows.bias"], ["rows"])
            .Node("Gemm", ["rows", "head.weight", "head.bias"], ["logits"])
            .Output("logits", new TensorType(ElementType.Float, [Dimension.Named("batch"), Classes])).Build(),
        "normalised");

    /// <summary>A recurrent layer whose last state is classified.</summary>
    private static OnnxModel Recurrent(string layer, int gates) => new(
        new ModelBuilder()
            .Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), Time, Features]))
            .Initializer("layer.input", OrtRun.Random(gates * Hidden * Features, 1), 1, gates * Hidden, Features)
            .Initializer("layer.hidden", OrtRun.Random(gates * Hidden * Hidden, 2), 1, gates * Hidden, Hidden)
            .Initializer("layer.bias", OrtRun.Random(2 * gates * Hidden, 3), 1, 2 * gates * Hidden)
            .Initializer("head.weight", OrtRun.Random(Hidden * Classes, 4), Hidden, Classes)
            .Initializer("head.bias", OrtRun.Random(Classes, 5), Classes)
            .Initializer("axes", new long[] { 0 }, 1)
            .Node("Transpose", ["x"], ["sequence"], ("perm", new long[] { 1, 0, 2 }))
            .Node(layer, ["sequence", "layer.input", "layer.hidden", "layer.bias"], ["", "state"], ("hidden_size", (long)Hidden))
            .Node("Squeeze", ["state", "axes"], ["last"])
            .Node("Gemm", ["last", "head.weight", "head.bias"], ["logits"])
            .Output("logits", new TensorType(ElementType.Float, [Dimension.Named("batch"), Classes])).Build(),
        layer);

    /// <summary>Two layers that stay, each with a product of two thin matrices beside it that trains.</summary>
    private static OnnxModel Adapted()
    {
        const int width = 12, rank = 2;
        var model = new ModelBuilder().Input("x", new TensorType(ElementType.Float, [Dimension.Named("batch"), width]));
        string value = "x";
        foreach (string layer in new[] { "first", "second" })
        {
            int seed = layer.Length;
            model.Initializer($"{layer}.weight", OrtRun.Random(width * width, seed), width, width)
                .Initializer($"{layer}.bias", OrtRun.Random(width, seed + 1), width)
                .Initializer($"{layer}.down", OrtRun.Random(width * rank, seed + 2), width, rank)
                .Initializer($"{layer}.up", new float[rank * width], rank, width)
                .Node("Gemm", [value, $"{layer}.weight", $"{layer}.bias"], [$"{layer}/base"])
                .Node("MatMul", [value, $"{layer}.down"], [$"{layer}/thin"])
                .Node("MatMul", [$"{layer}/thin", $"{layer}.up"], [$"{layer}/delta"])
                .Node("Add", [$"{layer}/base", $"{layer}/delta"], [$"{layer}/sum"])
                .Node("Tanh", [$"{layer}/sum"], [$"{layer}/out"]);
            value = $"{layer}/out";
        }

        return new OnnxModel(model.Output(value, new TensorType(ElementType.Float, [Dimension.Named("batch"), width])).Build(), "adapted");
    }
}
