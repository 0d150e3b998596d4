using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.Coverage;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts;

/// <summary>The weights that a quantised model holds as integers. They cannot train, and the user is told.</summary>
internal static class IntegerWeights
{
    private const int Shown = 10;

    /// <summary>A note that names them; none for a model without.</summary>
    public static IEnumerable<string> Notes(GraphProto graph, GradientRegistry registry)
    {
        var integers = graph.Initializer
            .Where(static tensor => tensor.Dims.Count > 0 && !((ElementType)tensor.DataType).IsFloatingPoint()).Select(static tensor => tensor.Name).ToHashSet();
        var matrices = graph.Initializer.Where(static tensor => tensor.Dims.Count > 1).Select(static tensor => tensor.Name).ToHashSet();
        var weights = new List<string>();
        foreach (var node in graph.Node)
        {
            if (node.OpType == "DequantizeLinear")
                weights.AddRange(node.Input.Take(1).Where(integers.Contains));
            else if (registry.Without(node.OpType, node.Domain)?.Support == OperatorSupport.Integers)
                weights.AddRange(node.Input.Where(input => integers.Contains(input) && matrices.Contains(input)));
        }

        string[] names = [.. weights.Distinct()];
        if (names.Length == 0)
            yield break;
        string more = names.Length > Shown ? $" and {names.Length - Shown} more" : string.Empty;
        yield return $"These weights are integers and stay as they are: {string.Join(", ", names.Take(Shown))}{more}.";
    }
}
