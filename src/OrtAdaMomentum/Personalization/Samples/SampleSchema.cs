using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>What a sample has to look like for a model: type and shape of each tensor, and the range of the target.</summary>
internal sealed class SampleSchema
{
    private SampleSchema(IReadOnlyList<DatasetColumn> inputs, DatasetColumn target, ArtifactManifest manifest)
    {
        Inputs = inputs;
        Target = target;
        TargetKind = manifest.TargetKind;
        ClassCount = manifest.ClassCount;
        ClassAxis = manifest.ClassAxis;
        IgnoreIndex = manifest.IgnoreIndex;
        Columns = [.. inputs, target];
    }

    public IReadOnlyList<DatasetColumn> Inputs { get; }

    public DatasetColumn Target { get; }

    public IReadOnlyList<DatasetColumn> Columns { get; }

    public TargetKind TargetKind { get; }

    public long? ClassCount { get; }

    public int? ClassAxis { get; }

    public long? IgnoreIndex { get; }

    public static SampleSchema Of(ArtifactManifest manifest) =>
        new([.. manifest.Inputs.Select(ColumnOf)], ColumnOf(manifest.Target), manifest);

    /// <summary>Checks that a dataset of the host has the columns of this schema.</summary>
    /// <exception cref="FineTuningException">A column is missing or of another type or shape.</exception>
    public void Check(IDataset dataset, string name)
    {
        foreach (var column in Columns)
        {
            var found = dataset.Columns.FirstOrDefault(candidate => candidate.Name == column.Name)
                ?? throw new FineTuningException(
                    $"The {name} dataset has no column '{column.Name}'. Columns: {string.Join(", ", dataset.Columns.Select(static c => c.Name))}.");
            if (found.ElementType != column.ElementType || !found.SampleShape.SequenceEqual(column.SampleShape))
                throw new FineTuningException($"Column '{column.Name}' of the {name} dataset is {Describe(found)} per sample, but the model takes {Describe(column)}.");
        }
    }

    public static string Describe(DatasetColumn column) => $"{column.ElementType}[{string.Join(", ", column.SampleShape)}]";

    private static DatasetColumn ColumnOf(TensorInfo tensor)
    {
        if (!tensor.HasFreeBatch)
            throw new FineTuningException($"'{tensor}' has no free batch axis in front, so samples cannot be put together into batches.");
        for (int axis = 1; axis < tensor.Shape.Count; axis++)
        {
            if (!tensor.Shape[axis].IsStatic)
                throw new FineTuningException($"Axis {axis} of '{tensor}' is not fixed. Export the model with a fixed shape per sample.");
        }

        return new DatasetColumn(tensor.Name, tensor.ElementType, [.. tensor.Shape.Skip(1).Select(static dimension => dimension.Extent)]);
    }
}
