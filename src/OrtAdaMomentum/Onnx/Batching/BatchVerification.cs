using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Batching;

/// <summary>Tries a model with a free batch against the one it was made from, on random samples.</summary>
internal static class BatchVerification
{
    private const double Tolerance = 1e-4;

    /// <summary>What an axis that is free in the original is set to.</summary>
    private const long FreeExtent = 16;

    /// <exception cref="OnnxModelException">The two differ, or one does not run.</exception>
    public static void Verify(ModelProto single, ModelProto batched, Func<string, int?> axisOf)
    {
        var random = new Random(20240229);
        var first = new List<TensorProto>();
        var second = new List<TensorProto>();
        var both = new List<TensorProto>();
        foreach (ValueInfoProto input in single.Graph.Input)
        {
            TensorType type = TensorTypes.FromProto(input.Type)
                ?? throw new OnnxModelException($"input '{input.Name}' is no tensor.");
            TensorProto sample = Sample(input.Name, type, random);
            int? axis = axisOf(input.Name);
            TensorProto other = axis is null ? sample : Sample(input.Name, type, random);
            first.Add(sample);
            second.Add(other);
            both.Add(axis is null ? sample : Join(sample, other, axis.Value));
        }

        try
        {
            using InferenceSession singleSession = QuietRuntime.Open(single);
            using InferenceSession batchedSession = QuietRuntime.Open(batched);
            Dictionary<string, TensorProto> one = RuntimeRun.Run(singleSession, first), two = RuntimeRun.Run(singleSession, second);
            Dictionary<string, TensorProto> together = RuntimeRun.Run(batchedSession, both);
            foreach ((string name, TensorProto output) in together)
            {
                int axis = axisOf(name) ?? 0;
                Compare(name, Join(WithAxis(one[name], axis, output), WithAxis(two[name], axis, output), axis), output);
            }
        }
        catch (OnnxRuntimeException error)
        {
            throw new OnnxModelException($"two samples at once do not run: {FirstLine(error.Message)}", error);
        }
    }

    private static TensorProto Sample(string name, TensorType type, Random random)
    {
        long[] shape = [.. (type.Shape ?? []).Select(static dimension => dimension.IsStatic ? dimension.Extent : FreeExtent)];
        var values = new double[TensorData.ElementCount(shape, name)];
        for (int index = 0; index < values.Length; index++)
        {
            // Integers are mostly indices; 0 and 1 are valid for nearly every table.
            values[index] = type.ElementType.IsFloatingPoint() ? (random.NextDouble() * 2) - 1 : random.Next(2);
        }

        return TensorData.Create(name, type.ElementType, values, shape);
    }

    private static TensorProto Join(TensorProto first, TensorProto second, int axis)
    {
        if (!first.Dims.SequenceEqual(second.Dims) || axis >= first.Dims.Count)
            throw new OnnxModelException($"'{first.Name}' has another shape for each sample.");
        double[] left = TensorData.ToDoubles(first), right = TensorData.ToDoubles(second);
        int inner = (int)first.Dims.Skip(axis).Aggregate(1L, static (product, extent) => product * extent);
        var joined = new double[left.Length * 2];
        for (int start = 0; start < left.Length; start += inner)
        {
            left.AsSpan(start, inner).CopyTo(joined.AsSpan(2 * start));
            right.AsSpan(start, inner).CopyTo(joined.AsSpan((2 * start) + inner));
        }

        long[] shape = [.. first.Dims];
        shape[axis] *= 2;
        return TensorData.Create(first.Name, (ElementType)first.DataType, joined, shape);
    }

    /// <summary>An output that had lost its batch axis to a squeeze gets it back.</summary>
    private static TensorProto WithAxis(TensorProto single, int axis, TensorProto batched)
    {
        if (single.Dims.Count == batched.Dims.Count - 1 && axis <= single.Dims.Count)
            single.Dims.Insert(axis, 1);
        return single;
    }

    private static void Compare(string name, TensorProto expected, TensorProto actual)
    {
        if (!expected.Dims.SequenceEqual(actual.Dims))
        {
            throw new OnnxModelException(
                $"for two samples output '{name}' has shape [{string.Join(", ", actual.Dims)}] instead of [{string.Join(", ", expected.Dims)}].");
        }

        double[] left = TensorData.ToDoubles(expected), right = TensorData.ToDoubles(actual);
        double scale = left.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        for (int index = 0; index < left.Length; index++)
        {
            if (!left[index].Equals(right[index]) && !(Math.Abs(left[index] - right[index]) <= Tolerance * (scale + 1e-3)))
                throw new OnnxModelException($"for two samples output '{name}' differs from what each gives alone.");
        }
    }

    private static string FirstLine(string message) => message.Split('\n', 2)[0];
}
