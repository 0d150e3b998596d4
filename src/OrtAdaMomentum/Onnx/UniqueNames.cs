using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Makes names that a model does not use yet, neither for values nor for nodes, in no graph at any depth.</summary>
internal sealed class UniqueNames
{
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    public UniqueNames(GraphProto graph) => Collect(graph);

    /// <summary><paramref name="wish"/> itself when it is free, else with a number behind.</summary>
    public string Next(string wish)
    {
        string name = wish;
        for (int number = 1; !_used.Add(name); number++)
            name = $"{wish}_{number}";
        return name;
    }

    private void Collect(GraphProto graph)
    {
        _used.UnionWith(graph.Input.Select(static input => input.Name));
        _used.UnionWith(graph.Output.Select(static output => output.Name));
        _used.UnionWith(graph.Initializer.Select(static tensor => tensor.Name));
        _used.UnionWith(graph.SparseInitializer.Select(static tensor => tensor.Values.Name));
        foreach (NodeProto node in graph.Node)
        {
            _used.Add(node.Name);
            _used.UnionWith(node.Input);
            _used.UnionWith(node.Output);
            foreach (GraphProto inner in SubGraphs.Of(node))
                Collect(inner);
        }
    }
}
