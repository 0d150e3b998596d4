using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training;

/// <summary>
/// Gives the nodes that draw random numbers seeds. The stock runtime has no seed that is set from outside; what a node draws depends on its own
/// from the opening of the session on.
/// </summary>
internal static class RandomSeeds
{
    private const string Attribute = "seed";

    /// <summary>Single precision counts to here without a gap.</summary>
    private const ulong SeedsInSingles = 1 << 24;

    /// <summary>The model with a seed in every such node that has none; as it is where none is asked for.</summary>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> model, long? seed)
    {
        if (seed is not { } start)
            return model;
        var proto = ModelProto.Parser.ParseFrom(model.Span);
        ulong drawn = 0;
        foreach (var node in SubGraphs.WithInner(proto.Graph).SelectMany(static graph => graph.Node).Where(static node => RandomOperators.Contains(node.OpType)))
        {
            ulong own = SplitMix64.Mix(SplitMix64.Mix((ulong)start) + ++drawn);
            if (node.Find(Attribute) is not null)
                continue;
            // ONNX has the seed of Dropout as an integer and that of all others as a single.
            if (node.OpType == "Dropout")
                node.With(Attribute, (long)(own >> 1));
            else
                node.With(Attribute, (float)(own % SeedsInSingles));
        }

        return drawn == 0 ? model : proto.ToByteArray();
    }
}
