using OrtAdaMomentum.Gradients.Quantization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <summary>What a gradient rule sees of the node it differentiates.</summary>
public sealed class GradientContext : NodeContext
{
    private readonly IReadOnlyList<SymbolicTensor?> _outputGradients;
    private readonly Func<string, bool> _needsGradient;
    private readonly QuantizedValues _quantized;
    private readonly Func<GraphBuilder, Differentiator> _differentiator;
    private readonly List<(string Value, SymbolicTensor Gradient)> _captured = [];

    internal GradientContext(
        GraphBuilder graph,
        NodeProto node,
        IReadOnlyList<SymbolicTensor?> outputGradients,
        Func<string, bool> needsGradient,
        QuantizedValues quantized,
        Func<GraphBuilder, Differentiator> differentiator)
        : base(graph, node)
    {
        _quantized = quantized;
        _differentiator = differentiator;
        _outputGradients = outputGradients;
        _needsGradient = needsGradient;
    }

    /// <summary>Gradient of the first output.</summary>
    public SymbolicTensor Gradient => OutputGradientOrZero(0);

    /// <summary>Whether a gradient of this input is wanted. Formulas need not ask: what nobody uses is removed.</summary>
    public bool Needs(int index) => HasInput(index) && _needsGradient(Node.Input[index]);

    /// <summary>An output of the node.</summary>
    public SymbolicTensor Output(int index = 0) => ValueOf(Node.Output[index]);

    /// <summary>An output that the operator can compute, declared now if the model did not.</summary>
    public SymbolicTensor RequireOutput(int index, TensorType type) => Graph.AddOutput(Node, index, type);

    /// <summary>Gradient of an output; null when the loss does not depend on it.</summary>
    public SymbolicTensor? OutputGradient(int index)
    {
        if (index >= _outputGradients.Count || _outputGradients[index] is not { } gradient)
            return null;
        // A gradient has the shape of its output, which is often known better than what was computed on the way here.
        var output = Output(index);
        return output.Type.Shape is null || gradient.Type.IsStatic ? gradient : new SymbolicTensor(Graph, gradient.Name, output.Type);
    }

    // Integers that stand for numbers count as these, whose gradient they pass.
    private protected override SymbolicTensor ValueOf(string name) => _quantized.AsNumbers(Graph.Value(name));

    // What a gradient is wanted of will change, though the graph still holds it as an initializer.
    private protected override TensorProto? Constant(int index) => Needs(index) ? null : base.Constant(index);

    /// <summary>Gradient of an output, zeros when the loss does not depend on it.</summary>
    public SymbolicTensor OutputGradientOrZero(int index) => OutputGradient(index) ?? Graph.ZerosLike(Output(index));

    /// <summary>The values that graphs inside the node read from around it and whose gradient is wanted.</summary>
    internal IReadOnlyList<string> CapturesInNeed => [.. SubGraphs.Of(Node).SelectMany(SubGraphs.Captures).Distinct().Where(_needsGradient)];

    /// <summary>Gradients given to captured values.</summary>
    internal IReadOnlyList<(string Value, SymbolicTensor Gradient)> Captured => _captured;

    /// <summary>The node itself, for rules that change what it gives.</summary>
    internal NodeProto Forward => Node;

    /// <summary>Gives a gradient to a value that a graph inside the node reads from around it.</summary>
    internal void Give(string value, SymbolicTensor gradient) => _captured.Add((value, gradient));

    /// <summary>Writes gradients into a graph inside a node, given those of some of its values.</summary>
    internal IReadOnlyDictionary<string, SymbolicTensor> DifferentiateBody(
        GraphBuilder body, IReadOnlyList<(string Value, SymbolicTensor Gradient)> given, IReadOnlyCollection<string> targets) =>
        _differentiator(body).Differentiate(given, targets);
}
