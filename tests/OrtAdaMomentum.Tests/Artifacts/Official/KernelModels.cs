using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>Judged models of those layers that the official runtime has gradient operators for.</summary>
internal static class KernelModels
{
    private const int Classes = 3;

    private static readonly Dimension Batch = Dimension.Named("batch");

    public static IReadOnlyList<JudgedModel> All { get; } =
    [
        new("CNN with pooling, fixed batch", Pooled, new())
        {
            Kernels = ["ConvGrad", "ReluGrad", "MaxPoolGrad", "AveragePoolGrad", "SoftmaxCrossEntropyLossGrad"],
        },
        new("Segmentation, classes on the second axis", Segmented, new() { Loss = new CrossEntropyLoss { ClassAxis = -3 } })
        {
            Kernels = ["ConvGrad", "SigmoidGrad", "SoftmaxCrossEntropyLossGrad"],
        },
        new("Tagging, weighted classes, one ignored", Tagged, new() { Loss = new CrossEntropyLoss { ClassWeights = [0.5f, 1, 2], IgnoreIndex = 1 } }, Words: 20)
        {
            Kernels = ["GatherGrad", "GeluGrad", "FastGeluGrad", "SoftmaxCrossEntropyLossGrad"],
        },
        new("LSTM of every step under GRU", Sequences, new()) { Kernels = ["LSTMGrad", "GRUGrad", "SoftmaxCrossEntropyLossGrad"] },
        new("Normalisations without bias", Normalised, new())
        {
            Kernels = ["SimplifiedLayerNormalizationGrad", "LayerNormalizationGrad", "TanhGrad", "QuickGeluGrad", "SoftmaxCrossEntropyLossGrad"],
        },
        new("Picked and divided", Picked, new() { Loss = new MeanSquaredErrorLoss() })
        {
            Kernels = ["SliceGrad", "DivGrad", "GatherElementsGrad", "LeakyReluGrad", "LogSoftmaxGrad_13", "SoftmaxGrad_13"],
        },
    ];

    private static OnnxModel Pooled() => Model("pooled", new ModelBuilder().Input("x", ElementType.Float, 6, 2, 10, 10)
        .Initializer("first.weight", OrtRun.Random(4 * 2 * 9, 1), 4, 2, 3, 3)
        .Initializer("first.bias", OrtRun.Random(4, 2), 4)
        .Initializer("second.weight", OrtRun.Random(5 * 4 * 9, 3), 5, 4, 3, 3)
        .Initializer("head.weight", OrtRun.Random(45 * Classes, 4), 45, Classes)
        .Initializer("head.bias", OrtRun.Random(Classes, 5), Classes)
        .Node("Conv", ["x", "first.weight", "first.bias"], ["first"], ("pads", new long[] { 1, 1, 1, 1 }))
        .Node("Relu", ["first"], ["active"])
        .Node("MaxPool", ["active"], ["greatest"], ("kernel_shape", new long[] { 3, 3 }), ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 1, 1, 1 }))
        .Node("Conv", ["greatest", "second.weight"], ["second"], ("pads", new long[] { 1, 1, 1, 1 }))
        .Node("AveragePool", ["second"], ["mean"], ("kernel_shape", new long[] { 3, 3 }), ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 1, 1, 1 }))
        .Node("Flatten", ["mean"], ["flat"])
        .Node("Gemm", ["flat", "head.weight", "head.bias"], ["logits"])
        .Output("logits", TensorType.Of(ElementType.Float, 6, Classes)));

    private static OnnxModel Segmented() => Model("segmented", new ModelBuilder().Input("x", Free(2, 6, 5))
        .Initializer("first.weight", OrtRun.Random(4 * 2 * 9, 1), 4, 2, 3, 3)
        .Initializer("second.weight", OrtRun.Random(Classes * 4, 2), Classes, 4, 1, 1)
        .Initializer("second.bias", OrtRun.Random(Classes, 3), Classes)
        .Node("Conv", ["x", "first.weight"], ["first"], ("pads", new long[] { 1, 1, 1, 1 }))
        .Node("Sigmoid", ["first"], ["active"])
        .Node("Conv", ["active", "second.weight", "second.bias"], ["logits"])
        .Output("logits", Free(Classes, 6, 5)));

    private static OnnxModel Tagged() => Model("tagged", new ModelBuilder().Opset(OnnxDomains.Microsoft, 1)
        .Input("words", new TensorType(ElementType.Int64, [Batch, 5]))
        .Initializer("embedding", OrtRun.Random(20 * 6, 1), 20, 6)
        .Initializer("body.weight", OrtRun.Random(36, 2), 6, 6)
        .Initializer("body.bias", OrtRun.Random(6, 3), 6)
        .Initializer("head.weight", OrtRun.Random(6 * Classes, 4), 6, Classes)
        .Node("Gather", ["embedding", "words"], ["embedded"])
        .Node("Gelu", ["embedded"], ["smooth"])
        .Node("MatMul", ["smooth", "body.weight"], ["product"])
        .Node(OnnxDomains.Microsoft, "FastGelu", ["product", "body.bias"], ["body"])
        .Node("MatMul", ["body", "head.weight"], ["logits"])
        .Output("logits", Free(5, Classes)));

    private static OnnxModel Sequences()
    {
        const int features = 3, hidden = 4;
        return Model("sequences", new ModelBuilder().Input("x", Free(5, features))
            .Initializer("lower.input", OrtRun.Random(4 * hidden * features, 1), 1, 4 * hidden, features)
            .Initializer("lower.hidden", OrtRun.Random(4 * hidden * hidden, 2), 1, 4 * hidden, hidden)
            .Initializer("lower.bias", OrtRun.Random(8 * hidden, 3), 1, 8 * hidden)
            .Initializer("upper.input", OrtRun.Random(3 * hidden * hidden, 4), 1, 3 * hidden, hidden)
            .Initializer("upper.hidden", OrtRun.Random(3 * hidden * hidden, 5), 1, 3 * hidden, hidden)
            .Initializer("upper.bias", OrtRun.Random(6 * hidden, 6), 1, 6 * hidden)
            .Initializer("head.weight", OrtRun.Random(hidden * Classes, 7), hidden, Classes)
            .Initializer("direction", new long[] { 1 }, 1).Initializer("first", new long[] { 0 }, 1)
            .Node("Transpose", ["x"], ["sequence"], ("perm", new long[] { 1, 0, 2 }))
            .Node("LSTM", ["sequence", "lower.input", "lower.hidden", "lower.bias"], ["steps"], ("hidden_size", (long)hidden))
            .Node("Squeeze", ["steps", "direction"], ["lower"])
            .Node("GRU", ["lower", "upper.input", "upper.hidden", "upper.bias"], ["", "state"], ("hidden_size", (long)hidden), ("linear_before_reset", 1L))
            .Node("Squeeze", ["state", "first"], ["upper"])
            .Node("MatMul", ["upper", "head.weight"], ["logits"])
            .Output("logits", Free(Classes)));
    }

    private static OnnxModel Normalised() => Model("normalised", new ModelBuilder().Opset(OnnxDomains.Microsoft, 1).Input("x", Free(8))
        .Initializer("first.weight", OrtRun.Random(64, 1), 8, 8)
        .Initializer("first.scale", OrtRun.Random(8, 2), 8)
        .Initializer("second.weight", OrtRun.Random(64, 3), 8, 8)
        .Initializer("second.scale", OrtRun.Random(8, 4), 8)
        .Initializer("head.weight", OrtRun.Random(8 * Classes, 5), 8, Classes)
        .Node("MatMul", ["x", "first.weight"], ["first"])
        .Node("SimplifiedLayerNormalization", ["first", "first.scale"], ["root"], ("axis", -1L), ("epsilon", 1e-5f))
        .Node("Tanh", ["root"], ["active"])
        .Node("MatMul", ["active", "second.weight"], ["second"])
        .Node("LayerNormalization", ["second", "second.scale"], ["centred"], ("axis", -1L))
        .Node(OnnxDomains.Microsoft, "QuickGelu", ["centred"], ["smooth"])
        .Node("MatMul", ["smooth", "head.weight"], ["logits"])
        .Output("logits", Free(Classes)));

    private static OnnxModel Picked() => Model("picked", new ModelBuilder().Input("x", Free(6))
        .Initializer("body.weight", OrtRun.Random(6 * 16, 1), 6, 16)
        .Initializer("body.bias", OrtRun.Random(16, 2), 16)
        .Initializer("head.weight", OrtRun.Random(4 * Classes, 3), 4, Classes)
        .Initializer("last", new long[] { 1 }, 1).Initializer("four", new long[] { 4 }, 1).Initializer("two", new long[] { 2 }, 1)
        .Initializer("begin", new long[] { 0 }, 1).Initializer("middle", new long[] { 8 }, 1).Initializer("end", new long[] { 16 }, 1)
        .Node("Gemm", ["x", "body.weight", "body.bias"], ["body"])
        .Node("Slice", ["body", "begin", "middle", "last"], ["left"])
        .Node("Slice", ["body", "middle", "end", "last"], ["right"])
        .Node("LeakyRelu", ["left"], ["leaky"], ("alpha", 0.2f))
        .Node("Softmax", ["right"], ["shares"], ("axis", -1L))
        .Node("Div", ["leaky", "shares"], ["quotient"])
        .Node("TopK", ["shares", "four"], ["greatest", "places"], ("axis", -1L))
        .Node("GatherElements", ["quotient", "places"], ["picked"], ("axis", 1L))
        .Node("Slice", ["right", "begin", "middle", "last", "two"], ["second"])
        .Node("LogSoftmax", ["second"], ["logs"], ("axis", -1L))
        .Node("Sum", ["greatest", "picked", "logs"], ["sum"])
        .Node("MatMul", ["sum", "head.weight"], ["y"])
        .Output("y", Free(Classes)));

    private static OnnxModel Model(string name, ModelBuilder builder) => new(builder.Build(), name);

    private static TensorType Free(params long[] extents) => new(ElementType.Float, [Batch, .. extents.Select(Dimension.Of)]);
}
