using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.ControlFlow;

/// <summary>Renames what nodes and graphs define, in place; a name of a graph inside hides one around it.</summary>
/// <param name="choose">The new name of a value.</param>
/// <param name="chooseNode">The new name of a node.</param>
internal sealed class ScopedNames(Func<string, string> choose, Func<string, string> chooseNode)
{
    /// <summary>Changes only what the scope given to <see cref="Rename(IEnumerable{NodeProto}, Dictionary{string, string})"/> says.</summary>
    public static ScopedNames Same { get; } = new(static name => name, static name => name);

    /// <summary>Renames the outputs of nodes and what reads them. <paramref name="scope"/> says what names mean already and takes up the new ones.</summary>
    public void Rename(IEnumerable<NodeProto> nodes, Dictionary<string, string> scope)
    {
        NodeProto[] all = [.. nodes];
        foreach (NodeProto node in all)
        {
            if (node.Name.Length > 0)
                node.Name = chooseNode(node.Name);
            for (int index = 0; index < node.Output.Count; index++)
            {
                string name = node.Output[index];
                if (name.Length > 0)
                    node.Output[index] = scope.TryGetValue(name, out string? given) ? given : scope[name] = choose(name);
            }
        }

        foreach (NodeProto node in all)
        {
            for (int index = 0; index < node.Input.Count; index++)
                node.Input[index] = scope.GetValueOrDefault(node.Input[index], node.Input[index]);
            foreach (GraphProto inner in SubGraphs.Of(node))
                Rename(inner, scope);
        }
    }

    private void Rename(GraphProto graph, Dictionary<string, string> outer)
    {
        var scope = new Dictionary<string, string>(outer, StringComparer.Ordinal);
        foreach (string output in graph.Node.SelectMany(static node => node.Output))
            scope.Remove(output);
        foreach (ValueInfoProto input in graph.Input)
            input.Name = scope[input.Name] = choose(input.Name);
        foreach (TensorProto tensor in graph.Initializer.Concat(graph.SparseInitializer.Select(static sparse => sparse.Values)))
            tensor.Name = scope[tensor.Name] = choose(tensor.Name);
        Rename(graph.Node, scope);
        foreach (ValueInfoProto output in graph.Output)
            output.Name = scope.GetValueOrDefault(output.Name, output.Name);
        // What the exporter noted goes by the old names.
        graph.ValueInfo.Clear();
    }
}
