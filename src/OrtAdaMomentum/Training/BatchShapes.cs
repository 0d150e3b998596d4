using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>Decides the shapes of a batch: from the manifest where it fixes them, else from the data.</summary>
internal static class BatchShapes
{
    /// <summary>The shapes for any samples of data whose columns have fixed shapes.</summary>
    public static Dictionary<string, long[]> Resolve(ArtifactManifest manifest, int size, IDataset? like) => Resolve(manifest, size, info =>
    {
        var column = like?.Columns.FirstOrDefault(column => column.Name == info.Name);
        if (column is null)
            throw new FineTuningException($"The shape of '{info}' is not fixed, so a batch needs data (or shapes) to take it from.");
        return column.IsOpen
            ? throw new FineTuningException($"Each sample of '{info.Name}' has extents of its own in the data, so a batch is made for chosen samples.")
            : column.SampleShape;
    });

    /// <summary>The shapes for chosen samples: those that they have in common, and of what is filled up as long as the longest.</summary>
    public static Dictionary<string, long[]> Resolve(ArtifactManifest manifest, IDataset data, ReadOnlySpan<int> samples, BatchPadding padding)
    {
        var shapes = new Dictionary<string, IReadOnlyList<long>>();
        foreach (var info in manifest.Inputs.Append(manifest.Target))
        {
            var shape = data.ShapeOf(info.Name, samples[0]);
            foreach (int sample in samples[1..])
                shape = Common(info, shape, data.ShapeOf(info.Name, sample), padding);
            // The runtime is spared tensors without elements.
            shapes[info.Name] = padding.Fills(info.Name) && shape is [0] ? [1] : shape;
        }

        return Resolve(manifest, samples.Length, info => shapes[info.Name]);
    }

    private static IReadOnlyList<long> Common(TensorInfo info, IReadOnlyList<long> one, IReadOnlyList<long> other, BatchPadding padding)
    {
        if (one.SequenceEqual(other))
            return one;
        return padding.Fills(info.Name) && one.Count == other.Count
            ? [.. one.Zip(other, Math.Max)]
            : throw new FineTuningException(
                $"Samples of '{info.Name}' with the shapes [{string.Join(", ", one)}] and [{string.Join(", ", other)}] do not go into one batch.");
    }

    private static Dictionary<string, long[]> Resolve(ArtifactManifest manifest, int size, Func<TensorInfo, IReadOnlyList<long>> shapeOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var extents = new Dictionary<string, long>();
        var shapes = new Dictionary<string, long[]>();
        foreach (var info in manifest.Inputs.Append(manifest.Target))
            shapes[info.Name] = Resolve(info, size, shapeOf, extents);
        return shapes;
    }

    private static long[] Resolve(TensorInfo info, int size, Func<TensorInfo, IReadOnlyList<long>> shapeOf, Dictionary<string, long> extents)
    {
        if (info.Shape.Skip(1).All(static dimension => dimension.IsStatic))
            return info.BatchShape(size);
        var sample = shapeOf(info);
        if (sample.Count != info.Shape.Count - 1)
        {
            throw new FineTuningException(
                $"A sample of '{info.Name}' has {sample.Count} axes in the data, but the model takes {info.Shape.Count - 1} ({info}).");
        }

        var shape = new long[info.Shape.Count];
        shape[0] = info.Shape[0].IsStatic ? info.Shape[0].Extent : size;
        for (int axis = 1; axis < shape.Length; axis++)
        {
            shape[axis] = sample[axis - 1];
            var dimension = info.Shape[axis];
            bool fits = dimension.IsStatic
                ? dimension.Extent == shape[axis]
                : dimension.Symbol is not { } symbol || extents.TryAdd(symbol, shape[axis]) || extents[symbol] == shape[axis];
            if (!fits)
                throw new FineTuningException($"A sample of '{info.Name}' has the shape [{string.Join(", ", sample)}] in the data, which does not fit {info}.");
        }

        return shape;
    }
}
