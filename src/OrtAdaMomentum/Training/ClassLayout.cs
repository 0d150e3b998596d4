using System.Numerics.Tensors;

namespace OrtAdaMomentum.Training;

/// <summary>Where the scores of the classes of one position lie in a row-major tensor.</summary>
internal readonly record struct ClassLayout(int Outer, int Classes, int Inner)
{
    public int Positions => Outer * Inner;

    public static ClassLayout Of(IReadOnlyList<long> shape, int axisFromEnd)
    {
        int axis = shape.Count + axisFromEnd;
        return new ClassLayout((int)Product(shape.Take(axis)), (int)shape[axis], (int)Product(shape.Skip(axis + 1)));
    }

    public int IndexOfGreatest(ReadOnlySpan<float> scores, int position)
    {
        int start = position / Inner * Classes * Inner + position % Inner;
        if (Inner == 1)
            return TensorPrimitives.IndexOfMax(scores.Slice(start, Classes));
        int best = 0;
        for (int index = 1; index < Classes; index++)
        {
            if (scores[start + index * Inner] > scores[start + best * Inner])
                best = index;
        }

        return best;
    }

    private static long Product(IEnumerable<long> extents) => extents.Aggregate(1L, static (product, extent) => product * extent);
}
