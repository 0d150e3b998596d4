using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.ClassLosses;

/// <summary>A label for each position of a tensor of scores.</summary>
/// <param name="Indices">The labels, in the shape of the scores but with one element along the axis of the classes.</param>
/// <param name="Axis">The axis of the classes.</param>
internal sealed record LabelIndices(SymbolicTensor Indices, int Axis)
{
    /// <summary>The elements of <paramref name="x"/> at the labels.</summary>
    public SymbolicTensor Pick(SymbolicTensor x) =>
        x.Graph.Node("GatherElements", [x, Indices], new TensorType(x.ElementType, Indices.Type.Shape), ("axis", (long)Axis));

    /// <summary>The tensor <paramref name="x"/> with <paramref name="values"/> in the place of its elements at the labels.</summary>
    public SymbolicTensor Put(SymbolicTensor x, SymbolicTensor values) =>
        x.Graph.Node("ScatterElements", [x, Indices, values.ExpandLike(Indices)], x.Type, ("axis", (long)Axis));

    /// <summary>How many labels there are, as a scalar of the given type.</summary>
    public SymbolicTensor CountAs(ElementType type) =>
        Indices.Type.ElementCount is { } count ? Indices.Graph.Scalar(count, type) : Indices.SizeOf().Cast(type);
}
