using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>Writes models in another floating-point type: every number, declaration and cast.</summary>
internal static class Retyping
{
    /// <summary>A copy in which every floating-point type is <paramref name="type"/>.</summary>
    public static ModelProto To(ElementType type, ModelProto model)
    {
        var copy = model.Clone();
        Retype(copy.Graph, type);
        return copy;
    }

    /// <summary>A tensor in another floating-point type; one that holds no such numbers is left as it is.</summary>
    public static TensorProto To(ElementType type, TensorProto tensor) =>
        ((ElementType)tensor.DataType).IsFloatingPoint() && tensor.DataType != (int)type
            ? TensorData.Create(tensor.Name, type, TensorData.ToDoubles(tensor), [.. tensor.Dims])
            : tensor;

    private static void Retype(GraphProto graph, ElementType type)
    {
        for (int index = 0; index < graph.Initializer.Count; index++)
            graph.Initializer[index] = To(type, graph.Initializer[index]);
        foreach (var value in graph.Input.Concat(graph.Output))
            Retype(value.Type, type);
        graph.ValueInfo.Clear();
        foreach (var node in graph.Node)
            Retype(node, type);
    }

    private static void Retype(NodeProto node, ElementType type)
    {
        foreach (var attribute in node.Attribute)
        {
            if (attribute.T is not null)
                attribute.T = To(type, attribute.T);
            if (attribute.G is not null)
                Retype(attribute.G, type);
            if (attribute.Name is "to" or "dtype" && ((ElementType)attribute.I).IsFloatingPoint())
                attribute.I = (int)type;
            if (node.OpType != "Constant" || attribute.Name is not ("value_float" or "value_floats"))
                continue;
            double[] numbers = attribute.Name == "value_float" ? [attribute.F] : [.. attribute.Floats.Select(static number => (double)number)];
            attribute.T = TensorData.Create(string.Empty, type, numbers, attribute.Name == "value_float" ? [] : [numbers.Length]);
            attribute.Name = "value";
            attribute.Type = AttributeProto.Types.AttributeType.Tensor;
            attribute.ClearF();
            attribute.Floats.Clear();
        }
    }

    private static void Retype(TypeProto? declared, ElementType type)
    {
        if (declared?.SequenceType is { } sequence)
            Retype(sequence.ElemType, type);
        else if (declared?.OptionalType is { } optional)
            Retype(optional.ElemType, type);
        else if (declared?.TensorType is { } tensor && ((ElementType)tensor.ElemType).IsFloatingPoint())
            tensor.ElemType = (int)type;
    }
}
