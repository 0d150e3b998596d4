using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Orders nodes so that each comes after those whose outputs it reads.</summary>
internal static class TopologicalOrder
{
    /// <summary>Sorts in place; nodes that are in order already stay where they are.</summary>
    /// <exception cref="OnnxModelException">Some nodes depend on each other in a circle.</exception>
    public static void Sort(IList<NodeProto> nodes, string where)
    {
        var producer = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int index = 0; index < nodes.Count; index++)
        {
            foreach (string output in nodes[index].Output)
            {
                if (output.Length > 0)
                    producer[output] = index;
            }
        }

        var waitingFor = new int[nodes.Count];
        var readers = new List<int>?[nodes.Count];
        bool sorted = true;
        for (int index = 0; index < nodes.Count; index++)
        {
            foreach (int source in SubGraphs.Reads(nodes[index]).Where(producer.ContainsKey).Select(name => producer[name]).Distinct())
            {
                waitingFor[index]++;
                (readers[source] ??= []).Add(index);
                sorted &= source < index;
            }
        }

        if (!sorted)
            Reorder(nodes, waitingFor, readers, where);
    }

    private static void Reorder(IList<NodeProto> nodes, int[] waitingFor, List<int>?[] readers, string where)
    {
        // Among the nodes that can run, the one that came first in the file goes first.
        var ready = new PriorityQueue<int, int>();
        for (int index = 0; index < waitingFor.Length; index++)
        {
            if (waitingFor[index] == 0)
                ready.Enqueue(index, index);
        }

        var order = new List<NodeProto>(nodes.Count);
        while (ready.TryDequeue(out int index, out _))
        {
            order.Add(nodes[index]);
            foreach (int reader in readers[index] ?? [])
            {
                if (--waitingFor[reader] == 0)
                    ready.Enqueue(reader, reader);
            }
        }

        if (order.Count < nodes.Count)
        {
            int stuck = Array.FindIndex(waitingFor, static count => count > 0);
            throw new OnnxModelException($"The nodes of {where} form a circle, for one through {NodeNames.Describe(nodes[stuck])}.");
        }

        for (int index = 0; index < order.Count; index++)
            nodes[index] = order[index];
    }
}
