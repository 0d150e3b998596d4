using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>
/// What a training model says about the kernels that could compute parts of it: a serialised graph, in base64, in the model's metadata,
/// which every other reader of the file passes over.
/// </summary>
internal static class KernelOffers
{
    private const string Key = "ortadamomentum.kernels";

    /// <summary>Keeps the offers whose values the model still has.</summary>
    /// <param name="model">The training model, simplified.</param>
    /// <param name="offers">What was offered while it was built.</param>
    /// <param name="renamed">Values that the simplification gave another name.</param>
    public static void Write(ModelProto model, GraphProto offers, IReadOnlyDictionary<string, string> renamed)
    {
        var kept = new GraphProto { Name = offers.Name };
        var known = SubGraphs.Defined(model.Graph);
        known.Add(string.Empty);
        var offered = offers.Node.Select(node => Renamed(node, renamed)).ToList();
        var read = offered.SelectMany(static node => node.Input).ToHashSet();
        foreach (var node in offered)
        {
            if (!node.Input.All(known.Contains) || !node.Output.Any(name => name.Length > 0 && (known.Contains(name) || read.Contains(name))))
                continue;
            known.UnionWith(node.Output);
            kept.Node.Add(node);
        }

        var named = kept.Node.SelectMany(static node => node.Input.Concat(node.Output)).ToHashSet();
        foreach (var value in offers.ValueInfo.Select(static value => value.Clone()))
        {
            value.Name = renamed.GetValueOrDefault(value.Name, value.Name);
            if (named.Remove(value.Name))
                kept.ValueInfo.Add(value);
        }

        if (kept.Node.Count > 0)
            model.MetadataProps.Add(new StringStringEntryProto { Key = Key, Value = kept.ToByteString().ToBase64() });
    }

    /// <summary>The offers of a training model; null when it has none.</summary>
    public static GraphProto? Read(ModelProto model) =>
        model.MetadataProps.FirstOrDefault(static entry => entry.Key == Key) is { } entry
            ? GraphProto.Parser.ParseFrom(ByteString.FromBase64(entry.Value))
            : null;

    private static NodeProto Renamed(NodeProto node, IReadOnlyDictionary<string, string> renamed)
    {
        var copy = node.Clone();
        Renaming.Rename(copy, renamed);
        return copy;
    }
}
