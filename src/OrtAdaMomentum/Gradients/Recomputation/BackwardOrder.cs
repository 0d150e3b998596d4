using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients.Recomputation;

/// <summary>
/// The places of a backward pass in the order in which it was written. What is computed at a place depends on nothing that is computed at a later one.
/// </summary>
internal sealed class BackwardOrder
{
    private readonly Dictionary<string, int> _places = [];
    private readonly Dictionary<string, int> _firstReads = [];

    /// <param name="nodes">The nodes of the pass, in topological order.</param>
    /// <param name="offers">What may take the place of some of them, in topological order.</param>
    public BackwardOrder(IReadOnlyList<NodeProto> nodes, IReadOnlyList<NodeProto> offers)
    {
        for (int place = 0; place < nodes.Count; place++)
        {
            foreach (string output in nodes[place].Output)
                _places[output] = place;
            Read(nodes[place], place);
        }

        // An offered node has to be there for the first of the values that it computes; one that others of the kind read, for the first of theirs.
        foreach (var offer in offers.Reverse())
        {
            int place = offer.Output.Where(static output => output.Length > 0).Min(output => PlaceOf(output) ?? FirstReadOf(output));
            Read(offer, place);
        }
    }

    /// <summary>Where a value is computed; null for one that the pass does not compute.</summary>
    public int? PlaceOf(string value) => _places.TryGetValue(value, out int place) ? place : null;

    /// <summary>The earliest place that reads a value; behind all places where none does.</summary>
    public int FirstReadOf(string value) => _firstReads.GetValueOrDefault(value, int.MaxValue);

    private void Read(NodeProto node, int place)
    {
        foreach (string value in SubGraphs.Reads(node))
            _firstReads[value] = Math.Min(place, FirstReadOf(value));
    }
}
