using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Training;

/// <summary>Decides the shapes of a batch: from the manifest where it fixes them, else from the data.</summary>
internal static class BatchShapes
{
    public static Dictionary<string, long[]> Resolve(ArtifactManifest manifest, int size, IDataset? like)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var extents = new Dictionary<string, long>();
        var shapes = new Dictionary<string, long[]>();
        foreach (var info in manifest.Inputs.Append(manifest.Target))
            shapes[info.Name] = Resolve(info, size, like, extents);
        return shapes;
    }

    private static long[] Resolve(TensorInfo info, int size, IDataset? like, Dictionary<string, long> extents)
    {
        if (info.Shape.Skip(1).All(static dimension => dimension.IsStatic))
            return info.BatchShape(size);
        var column = like?.Columns.FirstOrDefault(column => column.Name == info.Name);
        if (column is null)
            throw new FineTuningException($"The shape of '{info}' is not fixed, so a batch needs data (or shapes) to take it from.");
        if (column.SampleShape.Count != info.Shape.Count - 1)
        {
            throw new FineTuningException(
                $"A sample of '{info.Name}' has {column.SampleShape.Count} axes in the data, but the model takes {info.Shape.Count - 1} ({info}).");
        }

        var shape = new long[info.Shape.Count];
        shape[0] = info.Shape[0].IsStatic ? info.Shape[0].Extent : size;
        for (int axis = 1; axis < shape.Length; axis++)
        {
            shape[axis] = column.SampleShape[axis - 1];
            var dimension = info.Shape[axis];
            bool fits = dimension.IsStatic
                ? dimension.Extent == shape[axis]
                : dimension.Symbol is not { } symbol || extents.TryAdd(symbol, shape[axis]) || extents[symbol] == shape[axis];
            if (!fits)
                throw new FineTuningException($"A sample of '{info.Name}' has the shape [{string.Join(", ", column.SampleShape)}] in the data, which does not fit {info}.");
        }

        return shape;
    }
}
