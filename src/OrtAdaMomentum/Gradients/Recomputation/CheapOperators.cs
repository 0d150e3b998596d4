using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients.Recomputation;

/// <summary>Operators whose values cost little more than reading and writing them: these may be computed twice.</summary>
internal static class CheapOperators
{
    // A product that sums over so few elements is bound by memory: attention scores, not layers.
    private const long ShortSum = 128;

    private static readonly HashSet<string> Views = ["Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"];

    private static readonly HashSet<string> Computing =
    [
        "Abs", "Add", "And", "BatchNormalization", "Cast", "Ceil", "Celu", "Clip", "Concat", "Cos", "Div", "Elu", "Equal", "Erf", "Exp", "Expand",
        "Floor", "Gather", "Gelu", "Greater", "GreaterOrEqual", "GroupNormalization", "HardSigmoid", "HardSwish", "InstanceNormalization",
        "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax", "Max", "Min", "Mish", "Mul", "Neg", "Not", "Or", "PRelu", "Pad",
        "Pow", "QuickGelu", "FastGelu", "Reciprocal", "ReduceMax", "ReduceMean", "ReduceSum", "Relu", "Selu", "Sigmoid", "Sign", "Sin", "Slice",
        "Softmax", "Softplus", "Softsign", "Split", "Sqrt", "Sub", "Sum", "Tanh", "Transpose", "Where",
    ];

    /// <summary>Whether the node gives its input under another shape, without memory of its own.</summary>
    public static bool IsView(NodeProto node) => OnnxDomains.IsStandard(node) && Views.Contains(node.OpType);

    /// <summary>Whether the node may be computed twice.</summary>
    public static bool Contains(NodeProto node, GraphBuilder graph) =>
        ((Computing.Contains(node.OpType) && !IsTraining(node)) || IsView(node) || IsShortProduct(node, graph))
        && node.Input.Any(input => CanBeTied(input, graph));

    /// <summary>Whether a value can be made to wait for a gradient: what has a known number of axes.</summary>
    public static bool CanBeTied(string value, GraphBuilder graph) =>
        value.Length > 0 && graph.IsTyped(value) && graph.Value(value).Type.Shape is not null;

    // With the statistics of the batch it also moves the running ones.
    private static bool IsTraining(NodeProto node) => node.OpType == "BatchNormalization" && node.IntOr("training_mode", 0) != 0;

    private static bool IsShortProduct(NodeProto node, GraphBuilder graph) =>
        node.OpType is "MatMul" or "FusedMatMul" && graph.IsTyped(node.Input[0])
        && graph.Value(node.Input[0]).Type.Shape is [_, .., { IsStatic: true } last] && last.Extent <= ShortSum
        && graph.InitializerOf(node.Input[1]) is null;
}
