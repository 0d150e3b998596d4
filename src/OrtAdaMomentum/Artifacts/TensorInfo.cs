using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Artifacts;

/// <summary>An input, target or output of the artifacts.</summary>
/// <param name="Name">Name in the graphs.</param>
/// <param name="ElementType">Element type.</param>
/// <param name="Shape">Shape; the first axis is the batch where it is not fixed.</param>
public sealed record TensorInfo(string Name, ElementType ElementType, IReadOnlyList<Dimension> Shape)
{
    /// <summary>Whether the first axis takes any number of samples.</summary>
    public bool HasFreeBatch => Shape.Count > 0 && !Shape[0].IsStatic;

    /// <summary>The shape of a batch of <paramref name="size"/> samples.</summary>
    /// <exception cref="FineTuningException">An axis other than the batch is not fixed, or the batch is fixed at another size.</exception>
    public long[] BatchShape(int size)
    {
        var shape = new long[Shape.Count];
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (axis == 0 && !Shape[0].IsStatic)
                shape[0] = size;
            else if (Shape[axis].IsStatic)
                shape[axis] = Shape[axis].Extent;
            else
                throw new FineTuningException(
                    $"Axis {axis} of '{Name}' ({ElementType}[{string.Join(", ", Shape)}]) is not fixed. Give the shape of a batch when it is created.");
        }

        if (shape.Length > 0 && shape[0] != size)
            throw new FineTuningException($"'{Name}' has a fixed batch of {shape[0]}, so batches of {size} do not fit.");
        return shape;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {ElementType}[{string.Join(", ", Shape)}]";
}

/// <summary>A parameter of the model.</summary>
/// <param name="Name">Name of its tensor in the model file and in the graphs.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Trainable">Whether it trains.</param>
public sealed record ParameterInfo(string Name, IReadOnlyList<long> Shape, bool Trainable)
{
    /// <summary>Number of elements.</summary>
    public long ElementCount => Shape.Aggregate(1L, static (product, extent) => checked(product * extent));
}

/// <summary>A tensor that training changes without a gradient: a running mean or variance.</summary>
/// <param name="Name">Name of its tensor in the model file and in the graphs.</param>
/// <param name="UpdatedName">Name of the training model's output with its next value.</param>
/// <param name="Shape">Its shape.</param>
public sealed record StateInfo(string Name, string UpdatedName, IReadOnlyList<long> Shape);
