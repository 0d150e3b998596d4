using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>Which of some nodes can be computed beforehand, and from what.</summary>
internal sealed class ConstantPlan
{
    /// <summary>Operators whose elements are elements of their first input, or of all for Concat: an element that is known stays known.</summary>
    private static readonly HashSet<string> Picking = ["Concat", "Flatten", "Gather", "Identity", "Reshape", "Slice", "Squeeze", "Unsqueeze"];

    private readonly KnownValues _values;
    private readonly Dictionary<string, TensorProto> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _computed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<Dimension>> _partlyKnown = new(StringComparer.Ordinal);
    private readonly HashSet<string> _doubtful = new(StringComparer.Ordinal);
    private readonly List<NodeProto> _nodes = [];

    public ConstantPlan(KnownValues values, IEnumerable<NodeProto> nodes)
    {
        _values = values;
        foreach (NodeProto node in nodes.Where(static node => OnnxDomains.IsStandard(node) && !IsRandom(node)))
            Plan(node);
    }

    /// <summary>Extents and sizes, which need no computing.</summary>
    public IReadOnlyDictionary<string, TensorProto> Known => _known;

    /// <summary>The nodes to run, in order.</summary>
    public IReadOnlyList<NodeProto> Nodes => _nodes;

    /// <summary>What they give.</summary>
    public IEnumerable<string> Computed => _computed.Concat(_doubtful.Where(name => !_partlyKnown.ContainsKey(name)));

    /// <summary>What to feed for shapes of which some axes are not known. The numbers for those differ between axes and between tries.</summary>
    public IReadOnlyList<TensorProto> Guesses(GraphProto probe, int attempt) =>
    [
        .. probe.Input.Select(input => TensorData.Vector(input.Name,
            [.. _partlyKnown[input.Name].Select((dimension, axis) => dimension.IsStatic ? dimension.Extent : 1_000_003L + (1000 * attempt) + axis)])),
    ];

    /// <summary>Whether a node gives something else each time.</summary>
    public static bool IsRandom(NodeProto node) => RandomOperators.Contains(node.OpType);

    private void Plan(NodeProto node)
    {
        if (node.Output is not [{ Length: > 0 } output, ..])
            return;
        if (node.OpType is "Shape" or "Size" && _values.Type(node.Input[0]) is { Shape: { } shape } type)
            PlanShape(node, output, type, shape);
        else if (!SubGraphs.Of(node).Any() && node.Output.All(name => name.Length == 0 || _values.IsSmall(name)))
            PlanComputation(node);
    }

    private void PlanShape(NodeProto node, string output, TensorType type, IReadOnlyList<Dimension> shape)
    {
        if (node.OpType == "Size")
        {
            if (type.ElementCount is { } count)
                _known[output] = TensorData.Scalar(output, count);
            return;
        }

        int start = Bound(node.IntOr("start", 0)), end = Bound(node.IntOr("end", shape.Count));
        Dimension[] part = [.. shape.Take(end).Skip(start)];
        if (part.All(static dimension => dimension.IsStatic))
        {
            _known[output] = TensorData.Vector(output, [.. part.Select(static dimension => dimension.Extent)]);
        }
        else if (part.Any(static dimension => dimension.IsStatic))
        {
            _partlyKnown[output] = part;
            _doubtful.Add(output);
        }

        int Bound(long axis) => (int)Math.Clamp(axis < 0 ? axis + shape.Count : axis, 0, shape.Count);
    }

    private void PlanComputation(NodeProto node)
    {
        string[] inputs = [.. node.Input.Where(static name => name.Length > 0)];
        if (inputs.All(IsConstant))
        {
            _nodes.Add(node);
            _computed.UnionWith(node.Output.Where(static name => name.Length > 0));
            return;
        }

        bool picks = Picking.Contains(node.OpType)
            && inputs.Where((_, index) => index == 0 || node.OpType == "Concat").All(name => IsConstant(name) || _doubtful.Contains(name))
            && (node.OpType == "Concat" || inputs.Skip(1).All(IsConstant));
        if (picks)
        {
            _nodes.Add(node);
            _doubtful.Add(node.Output[0]);
        }
    }

    private bool IsConstant(string name) => _computed.Contains(name) || _known.ContainsKey(name) || _values.Value(name) is not null;
}
