using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.RealExports;

/// <summary>Made-up samples of a case: the same in every run.</summary>
internal static class RealExportData
{
    public static TensorDataset Create(RealExport export, ArtifactManifest manifest, int seed = 7)
    {
        var data = new TensorDataset(export.Batch);
        var random = new Random(seed);
        foreach (var input in manifest.Inputs)
        {
            bool isFloat = input.ElementType.IsFloatingPoint();
            var (from, to) = export.Ranges.GetValueOrDefault(input.Name, isFloat ? (-1, 1) : (0, 2));
            Add(data, input, SampleShape(export, input), () => isFloat ? from + (to - from) * random.NextDouble() : random.NextInt64((long)from, (long)to));
        }

        AddTarget(data, export, manifest, random);
        return data;
    }

    private static void AddTarget(TensorDataset data, RealExport export, ArtifactManifest manifest, Random random)
    {
        long[] shape = SampleShape(export, manifest.Target);
        if (manifest.TargetKind == TargetKind.ClassSequence)
        {
            AddSequences(data, manifest, (int)shape[0], random);
            return;
        }

        Add(data, manifest.Target, shape, manifest.TargetKind switch
        {
            TargetKind.ClassIndex => () => random.NextInt64(manifest.ClassCount!.Value),
            TargetKind.Probability => () => random.Next(2),
            _ => () => 2 * random.NextDouble() - 1,
        });
    }

    /// <summary>Labels of lengths from one to the longest, which the first sample has.</summary>
    private static void AddSequences(TensorDataset data, ArtifactManifest manifest, int longest, Random random)
    {
        var labels = new long[data.Count * longest];
        Array.Fill(labels, -1);
        for (int sample = 0; sample < data.Count; sample++)
        {
            int length = sample == 0 ? longest : random.Next(1, longest + 1);
            for (int place = 0; place < length; place++)
                labels[sample * longest + place] = random.NextInt64(1, manifest.ClassCount!.Value);
        }

        data.Add(manifest.Target.Name, labels, longest);
    }

    private static void Add(TensorDataset data, TensorInfo tensor, long[] shape, Func<double> next)
    {
        var values = new double[data.Count * shape.Aggregate(1L, static (product, extent) => product * extent)];
        for (int index = 0; index < values.Length; index++)
            values[index] = next();
        var bytes = TensorData.Create(tensor.Name, tensor.ElementType, values, [data.Count, .. shape]).RawData;
        data.Add(new DatasetColumn(tensor.Name, tensor.ElementType, shape), bytes.Span);
    }

    private static long[] SampleShape(RealExport export, TensorInfo tensor) =>
        export.Shapes.TryGetValue(tensor.Name, out long[]? shape)
            ? shape
            : [.. tensor.Shape.Skip(1).Select(dimension => dimension.IsStatic
                ? dimension.Extent
                : throw new InvalidOperationException($"The case '{export.Name}' must give the shape of {tensor}."))];
}
