using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>Gives every value and node of a model, in whatever graph, a name of its own, so that graphs can be merged as they are.</summary>
internal static class DistinctNames
{
    public static void Apply(GraphProto graph, UniqueNames names)
    {
        var taken = graph.Input.Select(static input => input.Name)
            .Concat(graph.Initializer.Select(static tensor => tensor.Name))
            .Concat(graph.SparseInitializer.Select(static sparse => sparse.Values.Name))
            .Concat(graph.Node.SelectMany(static node => node.Output))
            .ToHashSet(StringComparer.Ordinal);
        // The main graph keeps its names: they are known outside.
        Dictionary<string, string> scope = taken.ToDictionary(static name => name, StringComparer.Ordinal);
        var nodes = new HashSet<string>(StringComparer.Ordinal);
        new ScopedNames(name => taken.Add(name) ? name : names.Next(name), name => nodes.Add(name) ? name : names.Next(name)).Rename(graph.Node, scope);
    }
}
