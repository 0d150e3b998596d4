using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients.Recomputation;

/// <summary>
/// Chooses what the forward pass keeps for the backward pass: the values of least total size from which cheap operators give everything that
/// the backward pass reads. That is a minimum cut, with the sizes of the values as capacities.
/// </summary>
internal sealed class KeptValues
{
    // What an axis of unknown extent counts, beside axes that are known.
    private const long OpenExtent = 64;

    // Enough for the parts of an attention, from its projections to its result.
    private const int LongestChain = 8;

    private readonly GraphBuilder _graph;
    private readonly MinimumCut _network = new();
    private readonly Dictionary<string, (int In, int Out)> _places = [];
    private readonly int _source;
    private readonly int _sink;

    private KeptValues(GraphBuilder graph)
    {
        _graph = graph;
        _source = _network.AddNode();
        _sink = _network.AddNode();
    }

    /// <summary>The values to compute again in the backward pass.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="forward">Nodes of the forward pass, in order.</param>
    /// <param name="read">Values of the forward pass that the backward pass reads.</param>
    public static IReadOnlySet<string> Dropped(GraphBuilder graph, IReadOnlyList<NodeProto> forward, IReadOnlySet<string> read)
    {
        var network = new KeptValues(graph);
        foreach (var node in forward)
            network.Add(node);
        foreach (string value in read)
            network._network.AddEdge(network.Place(value).Out, network._sink, MinimumCut.Unlimited);

        bool[] backward = network._network.SinkSide(network._source, network._sink);
        var dropped = network._places.Where(pair => backward[pair.Value.In]).Select(static pair => pair.Key).ToHashSet();
        CutChains(forward, dropped);
        return dropped;
    }

    /// <summary>
    /// Keeps a value where the way to it from what is kept is long. A chain, as residual connections make, would be computed from its
    /// beginning when the backward pass first needs its end, and then lie there whole.
    /// </summary>
    private static void CutChains(IReadOnlyList<NodeProto> forward, HashSet<string> dropped)
    {
        var lengths = new Dictionary<string, int>();
        foreach (var node in forward)
        {
            int length = node.Input.Where(dropped.Contains).Select(input => lengths[input]).DefaultIfEmpty().Max() + (CheapOperators.IsView(node) ? 0 : 1);
            foreach (string output in node.Output.Where(dropped.Contains))
            {
                if (length > LongestChain)
                    dropped.Remove(output);
                else
                    lengths[output] = length;
            }
        }
    }

    private void Add(NodeProto node)
    {
        if (CheapOperators.IsView(node))
        {
            // One memory under two names.
            _places[node.Output[0]] = Place(node.Input[0]);
            return;
        }

        bool cheap = CheapOperators.Contains(node, _graph);
        foreach (string output in node.Output.Where(static name => name.Length > 0))
        {
            var place = Place(output, isComputed: true);
            if (!cheap)
                _network.AddEdge(_source, place.In, MinimumCut.Unlimited);
            foreach (string input in cheap ? node.Input.Where(static name => name.Length > 0) : [])
                _network.AddEdge(Place(input).Out, place.In, MinimumCut.Unlimited);
        }
    }

    /// <summary>Where a value enters and leaves the network. What no node computes is there anyway.</summary>
    private (int In, int Out) Place(string value, bool isComputed = false)
    {
        if (_places.TryGetValue(value, out var place))
            return place;
        place = (_network.AddNode(), _network.AddNode());
        _places[value] = place;
        if (isComputed)
            _network.AddEdge(place.In, place.Out, SizeOf(value));
        return place;
    }

    private long SizeOf(string value)
    {
        if (!_graph.IsTyped(value) || _graph.Value(value).Type.Shape is not { } shape)
            return MinimumCut.Unlimited;
        double size = shape.Aggregate(4.0, static (product, axis) => product * (axis.IsStatic ? axis.Extent : OpenExtent));
        return (long)Math.Min(size + 1, MinimumCut.Unlimited / 1e6);
    }
}
