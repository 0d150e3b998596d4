using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <summary>A node of the forward pass as formulas see it: its inputs and attributes.</summary>
public class NodeContext
{
    private readonly NodeProto _node;

    internal NodeContext(GraphBuilder graph, NodeProto node)
    {
        Graph = graph;
        _node = node;
    }

    /// <summary>Where nodes are written.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>Operator of the node.</summary>
    public string OperatorType => _node.OpType;

    /// <summary>Number of inputs, those left out in the middle counted.</summary>
    public int InputCount => _node.Input.Count;

    /// <summary>Number of declared outputs, those left out in the middle counted.</summary>
    public int OutputCount => _node.Output.Count;

    private protected NodeProto Node => _node;

    /// <summary>Whether the input is given.</summary>
    public bool HasInput(int index) => index < _node.Input.Count && _node.Input[index].Length > 0;

    /// <summary>Whether the model declares the output.</summary>
    public bool HasOutput(int index) => index < _node.Output.Count && _node.Output[index].Length > 0;

    /// <summary>An input of the node.</summary>
    public SymbolicTensor Input(int index) =>
        HasInput(index) ? ValueOf(_node.Input[index]) : throw new FineTuningException($"Operator {OperatorType} has no input {index}.");

    /// <summary>What is known of the type of an output that the model declares.</summary>
    public TensorType OutputType(int index) => Graph.Value(_node.Output[index]).Type;

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

    /// <summary>A list of floats; null when not given.</summary>
    public float[]? Numbers(string name) => _node.Floats(name);

    /// <summary>A list of strings; null when not given.</summary>
    public string[]? Texts(string name) => _node.Texts(name);

    /// <summary>A graph inside the node.</summary>
    /// <exception cref="FineTuningException">The node has none of that name.</exception>
    internal GraphProto Body(string name) => _node.Find(name)?.G ?? throw new FineTuningException($"Operator {OperatorType} has no graph '{name}'.");

    /// <summary>The integers an input holds, when it is a constant; null when it is computed.</summary>
    public long[]? ConstantIntegers(int index) =>
        Constant(index) is { DataType: (int)ElementType.Int64 or (int)ElementType.Int32 } tensor ? TensorData.ToLongs(tensor) : null;

    /// <summary>The numbers an input holds, when it is a constant; null when it is computed.</summary>
    public double[]? ConstantNumbers(int index) =>
        Constant(index) is { DataType: not ((int)ElementType.String or (int)ElementType.Bool) } tensor ? TensorData.ToDoubles(tensor) : null;

    /// <summary>The truth values an input holds, when it is a constant; null when it is computed.</summary>
    public bool[]? ConstantBooleans(int index) =>
        Constant(index) is { DataType: (int)ElementType.Bool } tensor ? TensorData.ToBools(tensor) : null;

    private protected virtual SymbolicTensor ValueOf(string name) => Graph.Value(name);

    private protected virtual TensorProto? Constant(int index) => HasInput(index) ? Graph.InitializerOf(_node.Input[index]) : null;
}
