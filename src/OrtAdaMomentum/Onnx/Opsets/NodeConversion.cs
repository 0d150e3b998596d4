using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>One node on its way to another operator set version: the node, what is known around it, and what it becomes.</summary>
internal sealed class NodeConversion(
    NodeProto node,
    long opset,
    GraphProto graph,
    UniqueNames names,
    Func<string, TensorType?> typeOf,
    Func<string, TensorProto?> constantOf,
    Func<string, bool> isRead)
{
    private readonly List<NodeProto> _before = [];

    /// <summary>The node; converters change it in place.</summary>
    public NodeProto Node { get; } = node;

    /// <summary>The version that the node was written in.</summary>
    public long Opset { get; } = opset;

    /// <summary>Why the node cannot be converted; null when it can.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether the node has been replaced by nodes of the target version, so that no further converter applies.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>What stands in the place of the node afterwards.</summary>
    public IEnumerable<NodeProto> Result => IsFinished ? _before : _before.Append(Node);

    /// <summary>The type of a value where it is known.</summary>
    public TensorType? Type(string name) => typeOf(name);

    /// <summary>The type of the node's input where it is known.</summary>
    public TensorType? InputType(int index) => HasInput(index) ? typeOf(Node.Input[index]) : null;

    /// <summary>The value of an input that is an initializer; null when it is computed.</summary>
    public TensorProto? Constant(string name) => constantOf(name);

    public bool HasInput(int index) => index < Node.Input.Count && Node.Input[index].Length > 0;

    public bool HasOutput(int index) => index < Node.Output.Count && Node.Output[index].Length > 0;

    /// <summary>The node that was put before the converted one last.</summary>
    public NodeProto LastEmitted => _before[^1];

    /// <summary>Whether anything reads the output: a node or the graph's output list.</summary>
    public bool IsOutputRead(int index) => HasOutput(index) && isRead(Node.Output[index]);

    /// <summary>Stores a constant and gives its name.</summary>
    public string AddConstant(string purpose, Func<string, TensorProto> make)
    {
        string name = names.Next(BaseName + "/" + purpose);
        graph.Initializer.Add(make(name));
        return name;
    }

    public string AddConstant(string purpose, params long[] values) => AddConstant(purpose, name => TensorData.Vector(name, values));

    /// <summary>Puts a node before the converted one and gives the name of its only output.</summary>
    public string Emit(string opType, string[] inputs, Action<NodeProto>? attributes = null)
    {
        string output = names.Next(BaseName + "/" + opType);
        EmitAs(opType, inputs, output, attributes);
        return output;
    }

    /// <summary>As <see cref="Emit"/>, with the output named: the last step of a replacement, which produces what the node produced.</summary>
    public void EmitAs(string opType, string[] inputs, string output, Action<NodeProto>? attributes = null)
    {
        var created = new NodeProto { OpType = opType, Name = names.Next(BaseName + "/node_" + opType), Input = { inputs }, Output = { output } };
        attributes?.Invoke(created);
        _before.Add(created);
    }

    /// <summary>Puts a node that splits a value into two equal parts before the converted one.</summary>
    public (string First, string Second) EmitHalves(string value, long axis)
    {
        string first = Emit("Split", [value], split => split.With("axis", axis).With("num_outputs", 2));
        string second = names.Next(BaseName + "/Split");
        LastEmitted.Output.Add(second);
        return (first, second);
    }

    /// <summary>The emitted nodes replace the node.</summary>
    public void Finish() => IsFinished = true;

    /// <summary>The node as changed is one of the target version.</summary>
    public void FinishWithNode()
    {
        _before.Add(Node);
        IsFinished = true;
    }

    /// <summary>The node cannot be converted.</summary>
    public void Fail(string reason) => Failure = reason;

    /// <summary>Sets an input, with absent ones before it where the node has fewer.</summary>
    public void SetInput(int index, string name)
    {
        while (Node.Input.Count <= index)
            Node.Input.Add("");
        Node.Input[index] = name;
    }

    private string BaseName => Node.Name.Length > 0 ? Node.Name : Node.Output.FirstOrDefault(static name => name.Length > 0) ?? Node.OpType;
}
