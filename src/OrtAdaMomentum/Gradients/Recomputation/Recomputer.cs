using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients.Recomputation;

/// <summary>
/// Has the backward pass compute cheap values of the forward pass once more instead of keeping them from one pass to the other. A copied
/// node must not run, with the node that it copies, in the forward pass: one of its inputs is reshaped to the shape that it has, to which nothing,
/// cut out of a gradient, is joined. That moves and changes no bit, and no optimiser sees through it.
/// </summary>
internal sealed class Recomputer
{
    private readonly GraphBuilder _graph;
    private readonly BackwardOrder _order;
    private readonly Dictionary<string, (NodeProto Node, int Position)> _producers = [];
    private readonly Dictionary<string, int> _lastUse = [];
    private readonly Dictionary<string, Copy> _copies = [];
    private readonly List<string> _written = [];
    private readonly IReadOnlyList<NodeProto> _forward;

    /// <summary>What the backward pass knows of the gradient behind each node of the forward pass; null where it computes none.</summary>
    private readonly SymbolicTensor?[] _gradients;

    private Recomputer(GraphBuilder graph, IReadOnlyList<NodeProto> forward, BackwardOrder order, Func<string, SymbolicTensor?> gradientOf)
    {
        _graph = graph;
        _order = order;
        _forward = forward;
        _gradients = new SymbolicTensor?[forward.Count];
        for (int position = 0; position < forward.Count; position++)
        {
            foreach (string output in forward[position].Output.Where(static name => name.Length > 0))
                _producers[output] = (forward[position], position);
            // A constant is there from the beginning, and a formula that nobody uses is never computed.
            _gradients[position] = forward[position].Output.Where(static name => name.Length > 0).Select(gradientOf)
                .FirstOrDefault(gradient => gradient is not null && order.PlaceOf(gradient.Name) is not null);
            // The backward pass of a node begins where the gradient of what it computes is known.
            if (_gradients[position] is null)
                continue;
            foreach (string input in forward[position].Input)
                _lastUse[input] = position;
        }
    }

    /// <summary>Rewires the backward pass.</summary>
    /// <param name="graph">The graph with both passes, its outputs declared.</param>
    /// <param name="forward">The nodes of the forward pass, in order.</param>
    /// <param name="gradientOf">The gradient of a value, where it has one.</param>
    /// <returns>What the backward pass computes once more.</returns>
    public static IReadOnlyList<SymbolicTensor> Apply(GraphBuilder graph, IReadOnlyList<NodeProto> forward, Func<string, SymbolicTensor?> gradientOf)
    {
        // A formula that nobody uses reads nothing.
        graph.RemoveUnused();
        var known = forward.ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        // Offers take part in the pass that computes what they compute.
        var computed = forward.SelectMany(static node => node.Output).ToHashSet();
        NodeProto[] backward = [.. graph.Graph.Node.Where(node => !known.Contains(node))];
        NodeProto[] offers = [.. graph.Offers.Node.Where(node => !node.Output.Any(computed.Contains))];
        NodeProto[] used = [.. graph.Graph.Node.Where(known.Contains)];
        var recomputer = new Recomputer(graph, used, new BackwardOrder(backward, offers), gradientOf);
        recomputer.Rewire([.. backward, .. offers]);
        return [.. recomputer._written.Where(graph.IsTyped).Select(graph.Value)];
    }

    private void Rewire(NodeProto[] backward)
    {
        var read = backward.SelectMany(SubGraphs.Reads).Where(_producers.ContainsKey).ToHashSet();
        var dropped = KeptValues.Dropped(_graph, _forward, read);
        // From the end of the model to its beginning, as the backward pass goes: what an earlier copy needed is shared by later ones.
        var wanted = read
            .Where(value => dropped.Contains(value) && _lastUse.TryGetValue(value, out int position) && GradientBefore(_order.FirstReadOf(value), position) is not null)
            .OrderByDescending(value => _lastUse[value]).ToList();
        foreach (string value in wanted)
            CopyOf(value, _order.FirstReadOf(value), _lastUse[value], dropped);

        var replacements = wanted.ToDictionary(static value => value, value => _copies[value].Name);
        foreach (var node in backward)
            Renaming.ReplaceUses(node, replacements);
        TopologicalOrder.Sort(_graph.Graph.Node, "the training model");
    }

    /// <summary>
    /// A copy of the value that waits for the gradient behind the node at <paramref name="position"/>, or for one that is known earlier where that one
    /// itself may wait for the reader at place <paramref name="firstRead"/>.
    /// </summary>
    private Copy CopyOf(string value, int firstRead, int position, IReadOnlySet<string> dropped)
    {
        if (!dropped.Contains(value) || !_producers.TryGetValue(value, out var producer))
            return new Copy(value, null);
        // One that waits for longer may wait for the reader.
        if (_copies.TryGetValue(value, out var copied) && copied.Place < firstRead)
            return copied;

        position = Math.Max(position, _lastUse.GetValueOrDefault(value, position));
        var node = producer.Node.Clone();
        int? place = null;
        for (int index = 0; index < node.Input.Count; index++)
        {
            var input = CopyOf(node.Input[index], firstRead, position, dropped);
            place = input.Place > (place ?? -1) ? input.Place : place;
            node.Input[index] = input.Name;
        }

        if (place is null)
        {
            var gradient = GradientBefore(firstRead, position)!;
            place = _order.PlaceOf(gradient.Name);
            Tie(node, gradient);
        }

        string[] outputs = [.. node.Output.Select(name => name.Length > 0 ? _graph.NewValue(node.OpType, name) : name)];
        for (int index = 0; index < outputs.Length; index++)
        {
            if (outputs[index].Length > 0)
            {
                _copies[node.Output[index]] = new Copy(outputs[index], place);
                _written.Add(outputs[index]);
            }

            node.Output[index] = outputs[index];
        }

        node.Name = outputs.First(static name => name.Length > 0);
        _graph.Append(node);
        return _copies[value];
    }

    /// <summary>Makes the smallest input of a node wait for a gradient, by a shape that keeps every axis and that the gradient adds nothing to.</summary>
    private void Tie(NodeProto node, SymbolicTensor gradient)
    {
        int smallest = Enumerable.Range(0, node.Input.Count).Where(index => CheapOperators.CanBeTied(node.Input[index], _graph))
            .MinBy(index => SizeOf(_graph.Value(node.Input[index])));
        var input = _graph.Value(node.Input[smallest]);
        var nothing = gradient.Reshape(-1).Slice(0, 0, 0).Cast(ElementType.Int64);
        var shape = SymbolicTensor.Concat(0, _graph.Integers(new long[input.Rank]), nothing);
        node.Input[smallest] = _graph.Node("Reshape", [input, shape], input.Type).Name;
    }

    private static double SizeOf(SymbolicTensor value) =>
        value.Type.Shape?.Aggregate(1.0, static (product, axis) => product * (axis.IsStatic ? axis.Extent : 1e3)) ?? double.PositiveInfinity;

    /// <summary>
    /// The gradient behind the node at <paramref name="position"/> of the forward pass, or where it may depend on what reads at
    /// <paramref name="place"/> the last one before that; null where there is none. A formula may read a value for another node than those that the
    /// forward pass gives it to, since equal nodes are one.
    /// </summary>
    private SymbolicTensor? GradientBefore(int place, int position) =>
        _gradients[position] is { } gradient && _order.PlaceOf(gradient.Name) < place
            ? gradient
            : _gradients.Where(other => other is not null && _order.PlaceOf(other.Name) < place).MaxBy(other => _order.PlaceOf(other!.Name));

    /// <summary>A value of the forward pass in the backward pass.</summary>
    /// <param name="Name">Its name there.</param>
    /// <param name="Place">The last place of the backward pass that it waits for; null where it is kept.</param>
    private readonly record struct Copy(string Name, int? Place);
}
