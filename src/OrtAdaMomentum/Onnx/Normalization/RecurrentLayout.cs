using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>
/// Brings recurrent layers that have the batch before the time to the layout that ONNX Runtime computes, with changes of order around them.
/// </summary>
internal static class RecurrentLayout
{
    private static readonly long[] Exchanged = [1, 0, 2];

    public static void Apply(GraphProto graph, NodeOpsets opsets, NormalizationReport report)
    {
        int changed = Apply(graph, new UniqueNames(graph), opsets);
        if (changed > 0)
            report.Note($"{changed} recurrent layers were brought from batch first to time first, which is what ONNX Runtime computes.");
    }

    private static int Apply(GraphProto graph, UniqueNames names, NodeOpsets opsets)
    {
        int changed = 0;
        var nodes = new List<NodeProto>(graph.Node.Count);
        foreach (NodeProto node in graph.Node)
        {
            foreach (GraphProto inner in SubGraphs.Of(node))
                changed += Apply(inner, names, opsets);
            if (!IsRecurrent(node) || node.IntOr("layout", 0) == 0)
            {
                nodes.Add(node);
                continue;
            }

            changed++;
            node.RemoveAttribute("layout");
            // The sequence and the initial states; weights and lengths have no batch.
            foreach (int input in new[] { 0, 5, 6 }.Where(input => input < node.Input.Count && node.Input[input].Length > 0))
            {
                string turned = names.Next($"{node.Input[input]}_time_first");
                nodes.Add(Transpose(node.Input[input], turned, Exchanged));
                node.Input[input] = turned;
            }

            nodes.Add(node);
            for (int output = 0; output < node.Output.Count; output++)
            {
                string wanted = node.Output[output];
                if (wanted.Length == 0)
                    continue;
                node.Output[output] = names.Next($"{wanted}_time_first");
                nodes.Add(Transpose(node.Output[output], wanted, output == 0 ? [2, 0, 1, 3] : Exchanged));
            }

            NodeProto Transpose(string from, string to, long[] order)
            {
                var transpose = new NodeProto { OpType = "Transpose", Name = names.Next($"{to}_order"), Input = { from }, Output = { to } };
                opsets.Set(transpose, opsets.Of(node));
                return transpose.With("perm", order);
            }
        }

        graph.Node.Clear();
        graph.Node.AddRange(nodes);
        return changed;
    }

    private static bool IsRecurrent(NodeProto node) => OnnxDomains.IsStandard(node) && node.OpType is ("GRU" or "LSTM" or "RNN");
}
