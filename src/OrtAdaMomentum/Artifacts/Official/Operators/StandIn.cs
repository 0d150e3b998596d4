using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>
/// Ordinary nodes and inputs in the place of a training-only node. ONNX Runtime does not know that node, and yet is to say which types and
/// shapes the values behind it have.
/// </summary>
internal sealed class StandIn
{
    private readonly NodeProto _node;
    private readonly HashSet<string> _defined = [];

    public StandIn(NodeProto node, GraphIndex graph)
    {
        _node = node;
        Graph = graph;
    }

    /// <summary>The graph as it is in the file.</summary>
    public GraphIndex Graph { get; }

    /// <summary>The node that is stood in for.</summary>
    public NodeProto Node => _node;

    public List<NodeProto> Nodes { get; } = [];

    public List<ValueInfoProto> Inputs { get; } = [];

    /// <summary>Name of an input; empty when it is left out.</summary>
    public string Input(int index) => index >= 0 && index < _node.Input.Count ? _node.Input[index] : string.Empty;

    /// <summary>Gives an output the type of a value.</summary>
    public void Like(int output, string? value)
    {
        // Any operator that keeps type and shape would do, but for Identity, which is taken for another name of a weight.
        if (value is { Length: > 0 } && Take(output) is { } name)
            Nodes.Add(new NodeProto { OpType = "Abs", Input = { value }, Output = { name } });
    }

    /// <summary>Gives an output the shape that a list of extents holds.</summary>
    public void Shaped(int output, int shapeInput)
    {
        string shape = Input(shapeInput);
        if (Graph.ShapedLike(shape) is { } value)
            Like(output, value);
        else if (Take(output) is { } name)
            Nodes.Add(new NodeProto { OpType = "ConstantOfShape", Input = { shape }, Output = { name } });
    }

    /// <summary>Lets an ordinary node with inputs of its own compute an output's type.</summary>
    public void Ordinary(int output, string operatorType, params string[] inputs)
    {
        if (Take(output) is { } name)
            Nodes.Add(new NodeProto { OpType = operatorType, Input = { inputs }, Output = { name } });
    }

    /// <summary>Declares the type of an output.</summary>
    public void Typed(int output, TensorType type)
    {
        if (Take(output) is { } name)
            Inputs.Add(TensorTypes.ToProto(name, type));
    }

    /// <summary>Lets an ordinary operator with the same inputs and attributes stand in for the first outputs.</summary>
    public void Operator(string operatorType, int inputs, int outputs)
    {
        var node = new NodeProto { OpType = operatorType };
        node.Input.AddRange(_node.Input.Take(inputs));
        for (int output = 0; output < outputs; output++)
            node.Output.Add(Take(output) ?? string.Empty);
        node.Attribute.AddRange(_node.Attribute.Select(static attribute => attribute.Clone()));
        Nodes.Add(node);
    }

    /// <summary>Declares what is left: numbers of unknown shape.</summary>
    public void Finish()
    {
        for (int output = 0; output < _node.Output.Count; output++)
            Typed(output, new TensorType(ElementType.Float, null));
    }

    private string? Take(int output) =>
        output < _node.Output.Count && _node.Output[output] is { Length: > 0 } name && _defined.Add(name) ? name : null;
}
