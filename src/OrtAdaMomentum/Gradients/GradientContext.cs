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

    internal GradientContext(
        GraphBuilder graph, NodeProto node, IReadOnlyList<SymbolicTensor?> outputGradients, Func<string, bool> needsGradient, QuantizedValues quantized)
        : base(graph, node)
    {
        _quantized = quantized;
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

    /// <summary>Gradient of an output, zeros when the loss does not depend on it.</summary>
    public SymbolicTensor OutputGradientOrZero(int index) => OutputGradient(index) ?? Graph.ZerosLike(Output(index));
}
