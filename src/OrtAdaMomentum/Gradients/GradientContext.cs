using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <summary>What a gradient rule sees of the node it differentiates.</summary>
public sealed class GradientContext
{
    private readonly NodeProto _node;
    private readonly IReadOnlyList<SymbolicTensor?> _outputGradients;
    private readonly Func<string, bool> _needsGradient;

    internal GradientContext(GraphBuilder graph, NodeProto node, IReadOnlyList<SymbolicTensor?> outputGradients, Func<string, bool> needsGradient)
    {
        Graph = graph;
        _node = node;
        _outputGradients = outputGradients;
        _needsGradient = needsGradient;
    }

    /// <summary>Where nodes are written.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>Operator of the node.</summary>
    public string OperatorType => _node.OpType;

    /// <summary>Number of inputs, those left out in the middle counted.</summary>
    public int InputCount => _node.Input.Count;

    /// <summary>Number of declared outputs.</summary>
    public int OutputCount => _outputGradients.Count;

    /// <summary>Gradient of the first output.</summary>
    public SymbolicTensor Gradient => OutputGradientOrZero(0);

    /// <summary>Whether the input is given.</summary>
    public bool HasInput(int index) => index < _node.Input.Count && _node.Input[index].Length > 0;

    /// <summary>Whether a gradient of this input is wanted. Formulas need not ask: what nobody uses is removed.</summary>
    public bool Needs(int index) => HasInput(index) && _needsGradient(_node.Input[index]);

    /// <summary>An input of the node.</summary>
    public SymbolicTensor Input(int index) =>
        HasInput(index) ? Graph.Value(_node.Input[index]) : throw new FineTuningException($"Operator {OperatorType} has no input {index}.");

    /// <summary>An output of the node.</summary>
    public SymbolicTensor Output(int index = 0) => Graph.Value(_node.Output[index]);

    /// <summary>An output that the operator can compute, declared now if the model did not.</summary>
    public SymbolicTensor RequireOutput(int index, TensorType type) => Graph.AddOutput(_node, index, type);

    /// <summary>Gradient of an output; null when the loss does not depend on it.</summary>
    public SymbolicTensor? OutputGradient(int index)
    {
        if (index >= _outputGradients.Count || _outputGradients[index] is not { } gradient)
            return null;
        // A gradient has the shape of its output, which is often known better than what was computed on the way here.
        var output = Output(index);
        return output.Type.Shape is null || gradient.Type.IsStatic ? gradient : new SymbolicTensor(Graph, gradient.Name, output.Type);
    }

    /// <summary>Gradient of an output, zeros when the loss does not depend on it.</summary>
    public SymbolicTensor OutputGradientOrZero(int index) => OutputGradient(index) ?? Graph.ZerosLike(Output(index));

    /// <summary>Whether the attribute is given.</summary>
    public bool HasAttribute(string name) => _node.Find(name) is not null;

    /// <summary>An integer attribute.</summary>
    public long Integer(string name, long otherwise) => _node.IntOr(name, otherwise);

    /// <summary>A float attribute.</summary>
    public float Number(string name, float otherwise) => _node.FloatOr(name, otherwise);

    /// <summary>A string attribute.</summary>
    public string Text(string name, string otherwise) => _node.TextOr(name, otherwise);

    /// <summary>A list of integers; null when not given.</summary>
    public long[]? Integers(string name) => _node.Ints(name);

    /// <summary>The integers an input holds, when it is a constant; null when it is computed.</summary>
    public long[]? ConstantIntegers(int index) =>
        Constant(index) is { DataType: (int)ElementType.Int64 or (int)ElementType.Int32 } tensor ? TensorData.ToLongs(tensor) : null;

    /// <summary>The numbers an input holds, when it is a constant; null when it is computed.</summary>
    public double[]? ConstantNumbers(int index) =>
        Constant(index) is { DataType: not ((int)ElementType.String or (int)ElementType.Bool) } tensor ? TensorData.ToDoubles(tensor) : null;

    private TensorProto? Constant(int index) => HasInput(index) ? Graph.InitializerOf(_node.Input[index]) : null;
}
