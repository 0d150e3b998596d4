using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Loading;

/// <summary>Whether every name in a graph has exactly one origin; brings the nodes into an order in which they can run.</summary>
internal static class GraphCheck
{
    public static void CheckAndSort(ModelProto model)
    {
        CheckGraph(model.Graph, "the graph", outer: null);
        foreach (FunctionProto function in model.Functions)
        {
            string where = $"function '{function.Name}'";
            var scope = new Scope(where, outer: null);
            foreach (string input in function.Input)
                scope.Define(input, "input");
            CheckNodes(function.Node, scope);
            foreach (string output in function.Output)
                scope.Require(output, "the output list");
        }
    }

    private static void CheckGraph(GraphProto graph, string where, Scope? outer)
    {
        var scope = new Scope(where, outer);
        foreach (ValueInfoProto input in graph.Input)
            scope.Define(input.Name, "input");
        var initializers = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in graph.Initializer.Select(static tensor => tensor.Name)
            .Concat(graph.SparseInitializer.Select(static tensor => tensor.Values.Name)))
        {
            if (!initializers.Add(name))
                throw new OnnxModelException($"Two initializers of {where} have the name '{name}'.");
            // An initializer that is listed as an input too is that input's default value.
            if (!scope.DefinedHere(name))
                scope.Define(name, "initializer");
        }

        CheckNodes(graph.Node, scope);
        var outputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueInfoProto output in graph.Output)
        {
            scope.Require(output.Name, "the output list");
            if (!outputs.Add(output.Name))
                throw new OnnxModelException($"Output '{output.Name}' of {where} is listed twice.");
        }
    }

    private static void CheckNodes(IList<NodeProto> nodes, Scope scope)
    {
        foreach (NodeProto node in nodes)
        {
            foreach (string output in node.Output)
            {
                if (output.Length > 0)
                    scope.Define(output, NodeNames.Describe(node));
            }
        }

        foreach (NodeProto node in nodes)
        {
            foreach (string input in node.Input)
            {
                if (input.Length > 0)
                    scope.Require(input, NodeNames.Describe(node));
            }

            foreach (GraphProto graph in SubGraphs.Of(node))
                CheckGraph(graph, $"a sub-graph of {NodeNames.Describe(node)}", scope);
        }

        TopologicalOrder.Sort(nodes, scope.Where);
    }

    /// <summary>The names that can be used at a place, with those of the graphs around it.</summary>
    private sealed class Scope(string where, Scope? outer)
    {
        private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);

        public string Where => where;

        public bool DefinedHere(string name) => _origins.ContainsKey(name);

        public void Define(string name, string origin)
        {
            if (name.Length == 0)
                throw new OnnxModelException($"An {origin} of {where} has no name.");
            if (!_origins.TryAdd(name, origin))
                throw new OnnxModelException($"The name '{name}' in {where} has two origins: {_origins[name]} and {origin}.");
        }

        public void Require(string name, string user)
        {
            for (Scope? scope = this; scope is not null; scope = scope.Outer)
            {
                if (scope.DefinedHere(name))
                    return;
            }

            throw new OnnxModelException($"In {where}, {user} uses '{name}', which no input, initializer or node produces.");
        }

        private Scope? Outer => outer;
    }
}
