using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.RealExports.DoublePrecision;

/// <summary>
/// A training model in double precision, in which differences of the loss have digits left and no kink lies within rounding. Operators that ONNX
/// Runtime computes in single precision only are written out in operators that it has in double.
/// </summary>
internal static class DoubleModel
{
    /// <param name="training">A training model.</param>
    /// <param name="outputs">Its outputs that are wanted: the loss, or gradients.</param>
    /// <param name="shapeOf">The shape that a value has when the model runs.</param>
    public static ModelProto Convert(ModelProto training, IEnumerable<string> outputs, Func<string, long[]> shapeOf)
    {
        var model = training.Clone();
        var graph = model.Graph;
        graph.Output.Clear();
        graph.Output.AddRange(outputs.Select(static name => new ValueInfoProto { Name = name }));
        graph.ValueInfo.Clear();
        UnusedNodes.Remove(graph);

        var source = graph.Node.ToList();
        var kernels = new DoubleKernels(new NodeWriter(graph), shapeOf, graph.Initializer.ToDictionary(static tensor => tensor.Name));
        Widen(graph);
        foreach (var node in source)
            kernels.Write(node);
        graph.Node.Clear();
        graph.Node.AddRange(kernels.Nodes);
        UnusedNodes.Remove(graph);
        return model;
    }

    private static void Widen(GraphProto graph)
    {
        for (int index = 0; index < graph.Initializer.Count; index++)
            graph.Initializer[index] = Wide(graph.Initializer[index]);
        foreach (var value in graph.Input.Concat(graph.Output))
        {
            if (value.Type?.TensorType is { ElemType: (int)ElementType.Float } type)
                type.ElemType = (int)ElementType.Double;
        }

        foreach (var node in graph.Node)
            Widen(node);
    }

    private static void Widen(NodeProto node)
    {
        if (node.OpType == "Cast" && node.IntOr("to", 0) == (long)ElementType.Float)
            node.With("to", (long)ElementType.Double);
        if (node.OpType == "ConstantOfShape" && node.Find("value") is null)
            node.Attribute.Add(Support.ModelBuilder.MakeAttribute("value", TensorData.Create("", new float[1], 1)));
        foreach (var attribute in node.Attribute.Where(static attribute => attribute.T is not null))
            attribute.T = Wide(attribute.T);
        foreach (var inner in SubGraphs.Of(node))
            Widen(inner);
    }

    private static TensorProto Wide(TensorProto tensor) => tensor.DataType == (int)ElementType.Float
        ? TensorData.Create(tensor.Name, TensorData.ToDoubles(tensor), [.. tensor.Dims])
        : tensor;
}
