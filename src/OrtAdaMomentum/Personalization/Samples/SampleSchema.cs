using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>What a sample has to look like for a model: type and shape of each tensor, and the range of the target.</summary>
internal sealed class SampleSchema
{
    private SampleSchema(ArtifactManifest manifest, IReadOnlyDictionary<string, long> maximumExtents)
    {
        Inputs = [.. manifest.Inputs.Select(ColumnOf)];
        Target = ColumnOf(manifest.Target);
        Output = manifest.Outputs is [var first, ..] ? first.Name : "";
        Notes = manifest.Notes;
        TargetKind = manifest.TargetKind;
        ClassCount = manifest.ClassCount;
        ClassAxis = manifest.ClassAxis;
        IgnoreIndex = manifest.IgnoreIndex;
        BlankIndex = manifest.BlankIndex;
        HasInputLengths = manifest.HasInputLengths;
        FinalActivation = manifest.FinalActivation;
        Columns = [.. Inputs, Target];
        OpenAxes = OpenAxis.Of(manifest, maximumExtents);
        Dataset = DatasetSchema.Of(manifest) with
        {
            MaximumExtents = OpenAxes.Where(static axis => axis.Most is not null).ToDictionary(static axis => axis.Place, static axis => axis.Most!.Value),
        };
    }

    public IReadOnlyList<DatasetColumn> Inputs { get; }

    public DatasetColumn Target { get; }

    /// <summary>The output that the target is compared with.</summary>
    public string Output { get; }

    /// <summary>What a user may want to know of how the model was taken.</summary>
    public IReadOnlyList<string> Notes { get; }

    public IReadOnlyList<DatasetColumn> Columns { get; }

    /// <summary>The axes on which each sample has an extent of its own.</summary>
    public IReadOnlyList<OpenAxis> OpenAxes { get; }

    /// <summary>Tries the model on inputs of extents that it may not be able to run on; null before it is served.</summary>
    public Action<IReadOnlyDictionary<string, SampleTensor>>? Trial { get; set; }

    /// <summary>The same, as datasets are fitted to it.</summary>
    public DatasetSchema Dataset { get; }

    public TargetKind TargetKind { get; }

    public long? ClassCount { get; }

    public int? ClassAxis { get; }

    public long? IgnoreIndex { get; }

    public long? BlankIndex { get; }

    public bool HasInputLengths { get; }

    public FinalActivation FinalActivation { get; }

    /// <summary>What samples of a model look like.</summary>
    /// <param name="manifest">What the model takes.</param>
    /// <param name="maximumExtents">Greatest extents of open axes, by name or place; null for none.</param>
    /// <exception cref="FineTuningException">There is no batch axis, or an open axis or a limit cannot be made sense of.</exception>
    public static SampleSchema Of(ArtifactManifest manifest, IReadOnlyDictionary<string, long>? maximumExtents = null) =>
        new(manifest, maximumExtents ?? new Dictionary<string, long>());

    /// <summary>Type and shape of a sample, with the names of open axes, as in <c>Float[time, 40]</c>.</summary>
    public string Describe(DatasetColumn column)
    {
        var axes = column.SampleShape.Select((extent, axis) => extent == DatasetColumn.OpenExtent
            ? OpenAxes.First(open => open.Tensor == column.Name && open.Axis == axis).Symbol ?? "?"
            : $"{extent}");
        return $"{column.ElementType}[{string.Join(", ", axes)}]";
    }

    private static DatasetColumn ColumnOf(TensorInfo tensor) => tensor.HasFreeBatch
        ? new DatasetColumn(
            tensor.Name,
            tensor.ElementType,
            [.. tensor.Shape.Skip(1).Select(static dimension => dimension.IsStatic ? dimension.Extent : DatasetColumn.OpenExtent)])
        : throw new FineTuningException($"'{tensor}' has no free batch axis in front, so samples cannot be put together into batches.");
}
