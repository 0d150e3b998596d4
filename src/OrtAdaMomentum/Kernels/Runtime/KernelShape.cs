using System.Runtime.CompilerServices;

namespace OrtAdaMomentum.Kernels.Runtime;

/// <summary>Extents of a tensor, without memory of the heap.</summary>
internal unsafe struct KernelShape
{
    private const int MostAxes = 8;

    private Extents _extents;

    /// <summary>Number of axes.</summary>
    public int Rank { get; private set; }

    /// <summary>Number of elements.</summary>
    public readonly long Count => Product(0, Rank);

    /// <summary>Extent of an axis; a negative one counts from the end.</summary>
    public readonly long this[int axis] => _extents[axis < 0 ? axis + Rank : axis];

    /// <summary>Reads the shape of a runtime's tensor.</summary>
    public static KernelShape Of(void* value)
    {
        KernelShape shape = default;
        shape.Rank = RuntimeApi.Shape(value, shape._extents);
        return shape;
    }

    /// <summary>The shape of given extents.</summary>
    public static KernelShape Of(params ReadOnlySpan<long> extents)
    {
        KernelShape shape = default;
        shape.Rank = extents.Length;
        extents.CopyTo(shape._extents);
        return shape;
    }

    /// <summary>The shape of a list along one axis.</summary>
    public readonly KernelShape Axis(int axis)
    {
        KernelShape shape = default;
        shape.Rank = 1;
        shape._extents[0] = this[axis];
        return shape;
    }

    /// <summary>The axes from <paramref name="axis"/> on.</summary>
    public readonly KernelShape From(int axis)
    {
        KernelShape shape = default;
        shape.Rank = Rank - axis;
        for (int index = 0; index < shape.Rank; index++)
            shape._extents[index] = _extents[axis + index];
        return shape;
    }

    /// <summary>Product of the extents of axes <paramref name="from"/> up to but without <paramref name="to"/>.</summary>
    public readonly long Product(int from, int to)
    {
        long product = 1;
        for (int axis = from; axis < to; axis++)
            product *= _extents[axis];
        return product;
    }

    /// <summary>The extents, valid as long as the structure is.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public readonly ReadOnlySpan<long> AsSpan()
    {
        ReadOnlySpan<long> all = _extents;
        return all[..Rank];
    }

    [InlineArray(MostAxes)]
    private struct Extents
    {
        private long _first;
    }
}
