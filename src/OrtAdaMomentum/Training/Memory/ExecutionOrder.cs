using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Training.Memory;

/// <summary>
/// The order in which ONNX Runtime runs a graph: depth first, back from the nodes whose outputs nobody reads, the last of these first, and of
/// what a node reads the last as well.
/// </summary>
internal static class ExecutionOrder
{
    public static List<NodeProto> Of(GraphProto graph)
    {
        var nodes = graph.Node;
        var producers = new Dictionary<string, int>();
        for (int index = 0; index < nodes.Count; index++)
        {
            foreach (string output in nodes[index].Output.Where(static name => name.Length > 0))
                producers[output] = index;
        }

        int[][] sources = [.. nodes.Select(node => SubGraphs.Reads(node).Where(producers.ContainsKey).Select(name => producers[name]).Distinct().Order().ToArray())];
        var read = sources.SelectMany(static source => source).ToHashSet();
        var pending = new Stack<(int Node, bool Entered)>(Enumerable.Range(0, nodes.Count).Where(index => !read.Contains(index)).Select(static index => (index, false)));
        var visited = new bool[nodes.Count];
        var order = new List<NodeProto>(nodes.Count);
        while (pending.TryPop(out var next))
        {
            if (next.Entered)
            {
                order.Add(nodes[next.Node]);
                continue;
            }

            if (visited[next.Node])
                continue;
            visited[next.Node] = true;
            pending.Push((next.Node, true));
            foreach (int source in sources[next.Node].Where(source => !visited[source]))
                pending.Push((source, false));
        }

        return order;
    }
}
