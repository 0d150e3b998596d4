using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>Writes the few nodes that stand for what control flow did with tensors, in the model's version of the operators.</summary>
internal sealed class NodeWriter(UniqueNames names, long opset)
{
    /// <summary>From this version on, axes and lengths are inputs.</summary>
    private const long AxesAreInputs = 13;

    /// <summary>A name that nothing has yet.</summary>
    public string Fresh(string wish) => names.Next(wish);

    /// <summary>Adds a constant to a graph and gives its name.</summary>
    public string Constant(GraphProto graph, string wish, Func<string, TensorProto> make)
    {
        TensorProto tensor = make(names.Next(wish));
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>One tensor of several: each gets a new axis when <paramref name="stack"/> is set.</summary>
    public IEnumerable<NodeProto> Join(GraphProto graph, IReadOnlyList<string> parts, string output, long axis, bool stack)
    {
        if (!stack && parts.Count == 1)
            return [PassingOn.Node(parts[0], output)];
        if (!stack)
            return [Node("Concat", [.. parts], [output]).With("axis", axis)];
        if (parts.Count == 1)
            return [Unsqueeze(graph, parts[0], output, axis)];

        string[] stacked = [.. parts.Select(part => names.Next(output + "/part"))];
        return parts.Select((part, index) => Unsqueeze(graph, part, stacked[index], axis))
            .Append(Node("Concat", stacked, [output]).With("axis", axis));
    }

    /// <summary>Tensors of given lengths along an axis.</summary>
    public NodeProto Split(GraphProto graph, string input, string[] outputs, long axis, long[] lengths)
    {
        NodeProto node = Node("Split", [input], outputs).With("axis", axis);
        return WithNumbers(graph, node, "split", lengths);
    }

    /// <summary>One element along an axis, without the axis.</summary>
    public NodeProto Pick(GraphProto graph, string input, string output, long axis, long position) =>
        Node("Gather", [input, Constant(graph, output + "/position", name => TensorData.Scalar(name, position))], [output]).With("axis", axis);

    private NodeProto Unsqueeze(GraphProto graph, string input, string output, long axis) =>
        WithNumbers(graph, Node("Unsqueeze", [input], [output]), "axes", [axis]);

    private NodeProto WithNumbers(GraphProto graph, NodeProto node, string attribute, long[] numbers)
    {
        if (opset < AxesAreInputs)
            return node.With(attribute, numbers);
        node.Input.Add(Constant(graph, node.Output[0] + "/" + attribute, name => TensorData.Vector(name, numbers)));
        return node;
    }

    private NodeProto Node(string opType, string[] inputs, string[] outputs) =>
        new() { OpType = opType, Name = names.Next(outputs[0] + "/" + opType), Input = { inputs }, Output = { outputs } };
}
