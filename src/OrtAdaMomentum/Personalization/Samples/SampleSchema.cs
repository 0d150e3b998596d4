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
        FinalActivation = manifest.FinalActivation;
        Columns = [.. inputs, target];
        Dataset = DatasetSchema.Of(manifest);
    }

    public IReadOnlyList<DatasetColumn> Inputs { get; }

    public DatasetColumn Target { get; }

    public IReadOnlyList<DatasetColumn> Columns { get; }

    /// <summary>The same, as datasets are fitted to it.</summary>
    public DatasetSchema Dataset { get; }

    public TargetKind TargetKind { get; }

    public long? ClassCount { get; }

    public int? ClassAxis { get; }

    public long? IgnoreIndex { get; }

    public FinalActivation FinalActivation { get; }

    public static SampleSchema Of(ArtifactManifest manifest) =>
        new([.. manifest.Inputs.Select(ColumnOf)], ColumnOf(manifest.Target), manifest);

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
