using System.Text;

namespace OrtAdaMomentum.Gradients;

/// <summary>A node through which a gradient would have to pass and cannot.</summary>
/// <param name="Node">Name of the node, or of its first output where it has none.</param>
/// <param name="OperatorType">Operator.</param>
/// <param name="Domain">Domain of the operator; empty for the ONNX standard.</param>
/// <param name="Opset">Version of the operator set that the model was written for.</param>
/// <param name="Reason">Why no gradient passes.</param>
public sealed record UnsupportedNode(string Node, string OperatorType, string Domain, long Opset, string Reason);

/// <summary>Some nodes between the parameters to train and the loss have no gradient. All of them are listed.</summary>
public sealed class UnsupportedOperatorException : FineTuningException
{
    /// <summary>Lists the nodes.</summary>
    public UnsupportedOperatorException(IReadOnlyList<UnsupportedNode> nodes)
        : base(Describe(nodes)) => Nodes = nodes;

    /// <summary>The nodes, in the order of the graph.</summary>
    public IReadOnlyList<UnsupportedNode> Nodes { get; }

    private static string Describe(IReadOnlyList<UnsupportedNode> nodes)
    {
        const int shown = 40;
        var text = new StringBuilder();
        text.Append(nodes.Count == 1 ? "1 node has" : $"{nodes.Count} nodes have").AppendLine(" no gradient on the way from the loss to the parameters to train:");
        foreach (var node in nodes.Take(shown))
        {
            string name = node.Domain.Length == 0 ? node.OperatorType : $"{node.Domain}.{node.OperatorType}";
            text.AppendLine($"  node '{node.Node}': operator {name}, opset {node.Opset}: {node.Reason}");
        }

        if (nodes.Count > shown)
            text.AppendLine($"  and {nodes.Count - shown} more");
        text.Append(
            "What you can do: train only parameters that come after these nodes (choose them by name or take the last layers), "
            + "fix a graph input to a constant so that the node is computed beforehand, or add a gradient rule for the operator.");
        return text.ToString();
    }
}
