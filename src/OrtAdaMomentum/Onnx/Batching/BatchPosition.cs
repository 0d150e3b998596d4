namespace OrtAdaMomentum.Onnx.Batching;

/// <summary>Where the samples lie in a tensor.</summary>
/// <param name="Axis">The axis whose extent grows with the number of samples.</param>
/// <param name="Before">
/// How many elements of that axis belong together before the sample changes: 1 where the axis starts with the sample, as in
/// (sample, head); more where other axes were merged in front of it, as in (time, sample).
/// </param>
internal readonly record struct BatchPosition(int Axis, long Before = 1)
{
    /// <summary>The position after a reshape between two fixed shapes (those for one sample); null when it cannot be said.</summary>
    public BatchPosition? Reshaped(long[] from, long[] to)
    {
        long elementsBefore = Before;
        for (int axis = 0; axis < Axis; axis++)
            elementsBefore *= from[axis];

        BatchPosition? starting = null;
        long product = 1;
        for (int axis = 0; axis < to.Length; axis++)
        {
            // An axis of one element at the right place is the batch axis itself.
            if (product == elementsBefore && to[axis] == 1)
                return new BatchPosition(axis);
            if (product == elementsBefore)
                starting ??= new BatchPosition(axis);
            else if (product < elementsBefore && product * to[axis] > elementsBefore)
                return elementsBefore % product == 0 ? new BatchPosition(axis, elementsBefore / product) : null;
            product *= to[axis];
        }

        // The features of a sample do not mix with the samples: better the axis before takes the samples as its inner part.
        if (starting is { } first && first.Axis == to.Length - 1 && first.Axis > 0)
            return new BatchPosition(first.Axis - 1, to[first.Axis - 1]);
        return starting;
    }
}
