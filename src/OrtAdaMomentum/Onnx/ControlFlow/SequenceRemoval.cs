using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>Reads and joins the tensors of a sequence directly where it is known which tensors a sequence holds.</summary>
internal sealed class SequenceRemoval(KnownValues values, NodeWriter writer)
{
    private readonly Dictionary<string, IReadOnlyList<string>> _sequences = new(StringComparer.Ordinal);

    /// <summary>What stands in the place of a node; null when the node stays. The makers of sequences stay until nothing reads them.</summary>
    public IEnumerable<NodeProto>? Replace(NodeProto node, GraphProto graph)
    {
        switch (node.OpType)
        {
            case "SequenceEmpty":
                _sequences[node.Output[0]] = [];
                return null;
            case "SequenceConstruct":
                _sequences[node.Output[0]] = [.. node.Input];
                return null;
            case "Identity" or "SequenceInsert" or "SequenceErase":
                Follow(node);
                return null;
            case "SplitToSequence":
                return Split(node, graph);
            case "SequenceAt" when Of(node) is { } sequence && Position(node, 1, sequence.Count, 0) is { } position && position < sequence.Count:
                return [PassingOn.Node(sequence[position], node.Output[0])];
            case "SequenceLength" when Of(node) is { } sequence:
                return [PassingOn.Node(writer.Constant(graph, node.Output[0] + "/length", name => TensorData.Scalar(name, (long)sequence.Count)), node.Output[0])];
            case "ConcatFromSequence" when Of(node) is { Count: > 0 } sequence:
                return writer.Join(graph, sequence, node.Output[0], node.IntOr("axis", 0), node.IntOr("new_axis", 0) == 1);
            default:
                return null;
        }
    }

    private IReadOnlyList<string>? Of(NodeProto node) => _sequences.GetValueOrDefault(node.Input[0]);

    private void Follow(NodeProto node)
    {
        if (Of(node) is not { } sequence)
            return;
        if (node.OpType == "Identity")
        {
            _sequences[node.Output[0]] = sequence;
        }
        else if (node.OpType == "SequenceInsert" && Position(node, 2, sequence.Count, sequence.Count) is { } place)
        {
            _sequences[node.Output[0]] = [.. sequence.Take(place), node.Input[1], .. sequence.Skip(place)];
        }
        else if (node.OpType == "SequenceErase" && Position(node, 1, sequence.Count, sequence.Count - 1) is { } erased && erased < sequence.Count)
        {
            _sequences[node.Output[0]] = [.. sequence.Where((_, index) => index != erased)];
        }
    }

    /// <summary>A position counted from the front; null when it is not known or out of range.</summary>
    private int? Position(NodeProto node, int input, int count, int missing)
    {
        if (node.Input.Count <= input || node.Input[input].Length == 0)
            return missing;
        return values.Integer(node.Input[input]) is { } position && position >= -count && position <= count
            ? (int)(position < 0 ? position + count : position)
            : null;
    }

    private IEnumerable<NodeProto>? Split(NodeProto node, GraphProto graph)
    {
        bool hasLengths = node.Input.Count > 1 && node.Input[1].Length > 0;
        long axis = node.IntOr("axis", 0);
        if (Lengths(node, hasLengths, axis) is not { Length: > 0 } lengths)
            return null;

        string[] parts = [.. lengths.Select(_ => writer.Fresh(node.Output[0] + "/part"))];
        NodeProto sequence = new() { OpType = "SequenceConstruct", Name = node.Name, Input = { parts }, Output = { node.Output[0] } };
        _sequences[node.Output[0]] = parts;
        if (!hasLengths && node.IntOr("keepdims", 1) == 0)
            return parts.Select((part, position) => writer.Pick(graph, node.Input[0], part, axis, position)).Append(sequence);
        return [writer.Split(graph, node.Input[0], parts, axis, lengths), sequence];
    }

    private long[]? Lengths(NodeProto node, bool hasLengths, long axis)
    {
        if (hasLengths && values.Value(node.Input[1]) is { Dims.Count: 1 })
            return values.Integers(node.Input[1]);
        if (values.Type(node.Input[0])?.Shape is not { } shape || shape[(int)(axis < 0 ? axis + shape.Count : axis)] is not { IsStatic: true, Extent: var extent })
            return null;
        long? length = hasLengths ? values.Integer(node.Input[1]) : 1;
        if (length is not > 0)
            return null;
        // The last part takes what is left.
        return [.. Enumerable.Range(0, (int)((extent + length.Value - 1) / length.Value)).Select(index => Math.Min(length.Value, extent - (index * length.Value)))];
    }
}
