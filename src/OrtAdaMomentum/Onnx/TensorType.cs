namespace OrtAdaMomentum.Onnx;

/// <summary>Element type and shape of a value in a graph.</summary>
/// <param name="ElementType">Type of one element.</param>
/// <param name="Shape">The axes, outermost first; null when not even the rank is known.</param>
public sealed record TensorType(ElementType ElementType, IReadOnlyList<Dimension>? Shape)
{
    /// <summary>Number of axes, or null when unknown.</summary>
    public int? Rank => Shape?.Count;

    /// <summary>Whether every axis is a fixed number.</summary>
    public bool IsStatic => Shape is not null && Shape.All(static dimension => dimension.IsStatic);

    /// <summary>The fixed shape, or null when any axis is not fixed.</summary>
    public long[]? StaticShape => IsStatic ? [.. Shape!.Select(static dimension => dimension.Extent)] : null;

    /// <summary>The number of elements, or null when any axis is not fixed.</summary>
    public long? ElementCount => StaticShape?.Aggregate(1L, static (product, extent) => checked(product * extent));

    /// <summary>A type with a fixed shape.</summary>
    public static TensorType Of(ElementType elementType, params ReadOnlySpan<long> shape)
    {
        var dimensions = new Dimension[shape.Length];
        for (int axis = 0; axis < shape.Length; axis++)
            dimensions[axis] = shape[axis];
        return new TensorType(elementType, dimensions);
    }

    /// <inheritdoc/>
    public override string ToString() => Shape is null ? $"{ElementType}[?]" : $"{ElementType}[{string.Join(", ", Shape)}]";
}
