using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients;

/// <content>Shapes, reductions and products of matrices.</content>
public sealed partial class SymbolicTensor
{
    /// <summary>The actual shape, as a list of integers; a constant where the shape is fixed.</summary>
    public SymbolicTensor ShapeOf() =>
        Type.StaticShape is { } fixedShape
            ? Graph.Integers(fixedShape)
            : Graph.Node("Shape", [this], new TensorType(ElementType.Int64, [Type.Shape is { } shape ? shape.Count : Dimension.Unknown]));

    /// <summary>The actual number of elements as a scalar of this tensor's element type.</summary>
    public SymbolicTensor SizeOf() =>
        Type.ElementCount is { } count
            ? Like(count)
            : Graph.Node("Size", [this], TensorType.Of(ElementType.Int64)).Cast(ElementType);

    /// <summary>The actual extent of one axis (negative counts from the end), as a list of one integer; a constant where it is fixed.</summary>
    public SymbolicTensor ExtentOf(int axis)
    {
        if (Type.Shape is { } shape && shape[axis < 0 ? axis + shape.Count : axis] is { IsStatic: true, Extent: long extent })
            return Graph.Integers(extent);
        var type = TensorType.Of(ElementType.Int64, 1);
        return axis == -1
            ? Graph.Node("Shape", [this], type, ("start", -1L))
            : Graph.Node("Shape", [this], type, ("start", (long)axis), ("end", axis + 1L));
    }

    /// <summary>0, 1, 2 and so on, one for every place along an axis (negative counts from the end); a constant where its extent is fixed.</summary>
    public SymbolicTensor PlacesAlong(int axis)
    {
        var extent = Shape[axis < 0 ? axis + Rank : axis];
        return extent.IsStatic
            ? Graph.Integers([.. Enumerable.Range(0, (int)extent.Extent).Select(static place => (long)place)])
            : Graph.CountTo(ExtentOf(axis).Squeeze(0), extent);
    }

    /// <summary>The same elements in another shape. As in ONNX, 0 keeps the axis of that place and -1 takes what is left.</summary>
    public SymbolicTensor Reshape(params long[] shape)
    {
        var dimensions = new Dimension[shape.Length];
        for (int axis = 0; axis < shape.Length; axis++)
        {
            dimensions[axis] = shape[axis] switch
            {
                > 0 => shape[axis],
                0 when Type.Shape is { } known && axis < known.Count => known[axis],
                _ => Dimension.Unknown,
            };
        }

        int open = Array.IndexOf(shape, -1L);
        if (open >= 0 && Type.ElementCount is { } count && dimensions.Where((_, axis) => axis != open).All(static d => d.IsStatic && d.Extent > 0))
            dimensions[open] = count / dimensions.Where((_, axis) => axis != open).Aggregate(1L, static (product, d) => product * d.Extent);
        if (Type.Shape is { } same && same.Count == dimensions.Length && same.Zip(dimensions).All(static pair => pair.First.CertainlyEquals(pair.Second)))
            return this;
        return Graph.Node("Reshape", [this, Graph.Integers(shape)], new TensorType(ElementType, dimensions));
    }

    /// <summary>The same elements in the shape of <paramref name="other"/>.</summary>
    public SymbolicTensor ReshapeLike(SymbolicTensor other)
    {
        if (Type.Shape is { } mine && other.Type.Shape is { } theirs && mine.Count == theirs.Count
            && mine.Zip(theirs).All(static pair => pair.First.CertainlyEquals(pair.Second)))
            return this;
        var type = new TensorType(ElementType, other.Type.Shape);
        // One open extent follows from the number of elements, unless another is zero.
        if (other.Type.Shape is { } shape && shape.Count(static axis => !axis.IsStatic) == 1 && !shape.Any(static axis => axis.Is(0)))
            return Graph.Node("Reshape", [this, Graph.Integers([.. shape.Select(static axis => axis.IsStatic ? axis.Extent : -1)])], type);
        return Graph.Node("Reshape", [this, other.ShapeOf()], type, ("allowzero", 1L));
    }

    /// <summary>Broadcast to the shape of <paramref name="other"/>.</summary>
    public SymbolicTensor ExpandLike(SymbolicTensor other)
    {
        if (Type.Shape is { } mine && other.Type.Shape is { } theirs && mine.Count == theirs.Count
            && mine.Zip(theirs).All(static pair => pair.First.CertainlyEquals(pair.Second)))
            return this;
        return Graph.Node("Expand", [this, other.ShapeOf()], new TensorType(ElementType, other.Type.Shape));
    }

    /// <summary>Axes in another order; none given reverses them.</summary>
    public SymbolicTensor Transpose(params int[] permutation)
    {
        if (permutation.Length == 0)
            permutation = [.. Enumerable.Range(0, Rank).Reverse()];
        int[] order = permutation;
        var source = this;
        if (Graph.ProducerOf(Name) is { } before && OnnxDomains.Is(before, "Transpose") && before.Ints("perm") is { } earlier)
        {
            // Two changes of order are one.
            permutation = [.. permutation.Select(axis => (int)earlier[axis])];
            source = Graph.Value(before.Input[0]);
        }

        if (permutation.SequenceEqual(Enumerable.Range(0, permutation.Length)))
            return source.Type.Shape is null ? source.WithType(Type) : source;
        return Graph.Node(
            "Transpose", [source],
            new TensorType(ElementType, Type.Shape is { } shape ? [.. order.Select(axis => shape[axis])] : null),
            ("perm", permutation.Select(static axis => (long)axis).ToArray()));
    }

    /// <summary>The last two axes exchanged.</summary>
    public SymbolicTensor TransposeMatrices()
    {
        int[] permutation = [.. Enumerable.Range(0, Rank)];
        (permutation[^1], permutation[^2]) = (permutation[^2], permutation[^1]);
        return Transpose(permutation);
    }

    /// <summary>Removes axes of extent 1 (negative count from the end).</summary>
    public SymbolicTensor Squeeze(params int[] axes)
    {
        var places = Places(axes, Rank);
        return axes.Length == 0
            ? this
            : Graph.Node("Squeeze", [this, Longs(places)], new TensorType(ElementType, [.. Shape.Where((_, axis) => !places.Contains(axis))]));
    }

    /// <summary>Inserts axes of extent 1; the places count in the result.</summary>
    public SymbolicTensor Unsqueeze(params int[] axes)
    {
        if (axes.Length == 0)
            return this;
        if (Type.Shape is null)
            return Graph.Node("Unsqueeze", [this, Longs(axes)], new TensorType(ElementType, null));
        var places = Places(axes, Rank + axes.Length);
        var source = new Queue<Dimension>(Shape);
        var shape = Enumerable.Range(0, Rank + axes.Length).Select(axis => places.Contains(axis) ? 1 : source.Dequeue());
        return Graph.Node("Unsqueeze", [this, Longs(places)], new TensorType(ElementType, [.. shape]));
    }

    /// <summary>Sum over axes (negative count from the end); no axes sums over none.</summary>
    public SymbolicTensor ReduceSum(int[] axes, bool keepDimensions) => Reduce("ReduceSum", axes, keepDimensions);

    /// <summary>Mean over axes.</summary>
    public SymbolicTensor ReduceMean(int[] axes, bool keepDimensions) => Reduce("ReduceMean", axes, keepDimensions);

    /// <summary>Greatest over axes.</summary>
    public SymbolicTensor ReduceMax(int[] axes, bool keepDimensions) => Reduce("ReduceMax", axes, keepDimensions);

    /// <summary>Sum of all elements, a scalar.</summary>
    public SymbolicTensor SumAll() => Graph.Node("ReduceSum", [this], TensorType.Of(ElementType), ("keepdims", 0L));

    /// <summary>Product of matrices in the last two axes, the axes before them broadcast (as ONNX MatMul).</summary>
    public SymbolicTensor MatMul(SymbolicTensor right)
    {
        IReadOnlyList<Dimension>? shape = null;
        if (Type.Shape is { Count: >= 2 } a && right.Type.Shape is { Count: >= 2 } b
            && Broadcasting.Combine([.. a.Take(a.Count - 2)], [.. b.Take(b.Count - 2)]) is { } batch)
            shape = [.. batch, a[^2], b[^1]];
        return Graph.Node("MatMul", [this, right], new TensorType(ElementType, shape));
    }

    /// <summary>Elements from <paramref name="start"/> up to but without <paramref name="end"/> along one axis, as ONNX Slice counts them.</summary>
    public SymbolicTensor Slice(int axis, long start, long end, long step = 1)
    {
        var shape = Type.Shape?.ToArray();
        if (shape is not null)
            shape[axis < 0 ? axis + shape.Length : axis] = SliceExtent(shape[axis < 0 ? axis + shape.Length : axis], start, end, step);
        return Graph.Node(
            "Slice", [this, Graph.Integers(start), Graph.Integers(end), Graph.Integers(axis), Graph.Integers(step)],
            new TensorType(ElementType, shape));
    }

    /// <summary>The values one after the other along an axis.</summary>
    public static SymbolicTensor Concat(int axis, params SymbolicTensor[] parts)
    {
        var shape = parts[0].Type.Shape?.ToArray();
        if (shape is not null)
        {
            int place = axis < 0 ? axis + shape.Length : axis;
            shape[place] = parts.All(part => part.Type.Shape is { } s && s[place].IsStatic)
                ? parts.Sum(part => part.Shape[place].Extent)
                : Dimension.Unknown;
        }

        return parts.Length == 1 ? parts[0] : parts[0].Graph.Node("Concat", parts, new TensorType(parts[0].ElementType, shape), ("axis", (long)axis));
    }

    private SymbolicTensor Reduce(string operatorType, int[] axes, bool keepDimensions)
    {
        if (axes.Length == 0)
            return this;
        IReadOnlyList<Dimension>? shape = null;
        if (Type.Shape is { } known)
        {
            var places = Places(axes, known.Count);
            shape = keepDimensions
                ? [.. known.Select((dimension, axis) => places.Contains(axis) ? Dimension.Of(1) : dimension)]
                : [.. known.Where((_, axis) => !places.Contains(axis))];
        }

        return Graph.Node(operatorType, [this, Longs(axes)], new TensorType(ElementType, shape), ("keepdims", keepDimensions ? 1L : 0L));
    }

    private SymbolicTensor Longs(int[] values) => Graph.Integers([.. values.Select(static value => (long)value)]);

    private static int[] Places(int[] axes, int rank) => [.. axes.Select(axis => axis < 0 ? axis + rank : axis).Order()];

    private static Dimension SliceExtent(Dimension extent, long start, long end, long step)
    {
        if (!extent.IsStatic || step == 0)
            return Dimension.Unknown;
        long size = extent.Extent;
        long first = start < 0 ? start + size : start;
        long last = end < 0 ? Math.Max(end + size, -1) : end;
        if (step > 0)
        {
            first = Math.Clamp(first, 0, size);
            last = Math.Clamp(last, 0, size);
            return Math.Max(0, (last - first + step - 1) / step);
        }

        first = Math.Clamp(first, 0, size - 1);
        last = Math.Clamp(last, -1, size - 1);
        return Math.Max(0, (first - last - step - 1) / -step);
    }
}
