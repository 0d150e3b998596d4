using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>
/// Puts one LayerNormalization in the place of its parts, as exports below opset 17 have them:
/// (x - mean) / sqrt(mean((x - mean)²) + ε) · scale + bias over the last axes. One node keeps far less for the gradient than nine do.
/// </summary>
internal sealed class LayerNormalizationFusion
{
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _readers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants;
    private readonly IReadOnlyDictionary<string, TensorType> _types;

    private LayerNormalizationFusion(GraphProto graph, IReadOnlyDictionary<string, TensorType> types)
    {
        _types = types;
        _constants = graph.Initializer.ToDictionary(static tensor => tensor.Name, StringComparer.Ordinal);
        foreach (string name in graph.Node.SelectMany(SubGraphs.Reads).Concat(graph.Output.Select(static output => output.Name)))
            _readers[name] = _readers.GetValueOrDefault(name) + 1;
        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output)
                _producers[output] = node;
        }
    }

    public static void Apply(GraphProto graph, IReadOnlyDictionary<string, TensorType> types, NormalizationReport report)
    {
        if (!graph.Node.Any(static node => OnnxDomains.Is(node, "Sqrt")))
            return;
        var fusion = new LayerNormalizationFusion(graph, types);
        var parts = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var fused = new List<NodeProto>(graph.Node.Count);
        int count = 0;
        foreach (NodeProto node in graph.Node)
        {
            var whole = OnnxDomains.Is(node, "Add") ? fusion.Match(node, parts) : null;
            count += whole is null ? 0 : 1;
            fused.Add(whole ?? node);
        }

        if (count == 0)
            return;
        graph.Node.Clear();
        graph.Node.AddRange(fused.Where(node => !parts.Contains(node)));
        report.Note($"{count} layer normalisations were put together from their parts.");
    }

    /// <summary>The node that stands for everything up to the last addition; what it replaces joins <paramref name="parts"/>.</summary>
    private NodeProto? Match(NodeProto shift, HashSet<NodeProto> parts)
    {
        if (OtherOperand(shift, "Mul") is not ({ } scaling, var bias) || OtherOperand(scaling, "Div") is not ({ } division, var scale)
            || Producer(division.Input[0], "Sub") is not { } centring || Producer(centring.Input[1], "ReduceMean") is not { } mean
            || Producer(division.Input[1], "Sqrt") is not { } root || Producer(root.Input[0], "Add") is not { } regularised
            || OtherOperand(regularised, "ReduceMean") is not ({ } variance, var small) || Square(variance.Input[0]) is not { } square
            || Producer(square.Input[0], "Sub") is not { } squared)
            return null;

        string x = centring.Input[0];
        if (mean.Input[0] != x || !squared.Input.SequenceEqual(centring.Input) || Axis(mean, x) is not { } axis || Axis(variance, x) != axis
            || Number(small) is not { } epsilon || !HasShapeOfAxes(scale, x, axis) || !HasShapeOfAxes(bias, x, axis))
            return null;
        NodeProto[] replaced = [.. new[] { scaling, division, centring, squared, root, regularised, variance, square, mean }.Distinct()];
        if (replaced.Any(part => _readers[part.Output[0]] != replaced.Append(shift).Sum(reader => reader.Input.Count(name => name == part.Output[0]))))
            return null;

        parts.UnionWith(replaced);
        var whole = new NodeProto { OpType = "LayerNormalization", Name = shift.Name, Input = { x, scale, bias }, Output = { shift.Output[0] } };
        whole.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = axis });
        whole.Attribute.Add(new AttributeProto { Name = "epsilon", Type = AttributeProto.Types.AttributeType.Float, F = epsilon });
        return whole;
    }

    private NodeProto? Producer(string name, string opType) =>
        _producers.GetValueOrDefault(name) is { } node && OnnxDomains.Is(node, opType) ? node : null;

    /// <summary>Of an operator whose operands may stand in either order: the node of the given kind, and the other operand.</summary>
    private (NodeProto Node, string Other)? OtherOperand(NodeProto node, string opType)
    {
        if (Producer(node.Input[0], opType) is { } first)
            return (first, node.Input[1]);
        return Producer(node.Input[1], opType) is { } second ? (second, node.Input[0]) : null;
    }

    private NodeProto? Square(string name)
    {
        if (Producer(name, "Mul") is { } product)
            return product.Input[0] == product.Input[1] ? product : null;
        return Producer(name, "Pow") is { } power && Number(power.Input[1]) == 2 ? power : null;
    }

    /// <summary>The first of the axes that are averaged over, counted from the end; null unless they are the last ones and are kept.</summary>
    private long? Axis(NodeProto mean, string x)
    {
        if (mean.IntOr("keepdims", 1) == 0 || mean.Input.Count < 2 || _types.GetValueOrDefault(x)?.Rank is not { } rank
            || _constants.GetValueOrDefault(mean.Input[1]) is not { } tensor)
            return null;
        long[] axes = [.. TensorData.ToLongs(tensor).Select(axis => axis < 0 ? axis : axis - rank).Order()];
        return axes.Length > 0 && axes.SequenceEqual(Enumerable.Range(0, axes.Length).Select(index => (long)index - axes.Length)) ? -axes.Length : null;
    }

    private float? Number(string name) =>
        _constants.GetValueOrDefault(name) is { } tensor && TensorData.ElementCount(tensor) == 1 && ((ElementType)tensor.DataType).IsFloatingPoint()
            ? (float)TensorData.ToDoubles(tensor)[0]
            : null;

    private bool HasShapeOfAxes(string name, string x, long axis) =>
        _types.GetValueOrDefault(name)?.StaticShape is { } shape && _types.GetValueOrDefault(x)?.Shape is { } whole
        && shape.Length == -axis && whole.TakeLast(shape.Length).Zip(shape).All(static pair => pair.First.Is(pair.Second));
}
