using OrtAdaMomentum.Artifacts;

namespace OrtAdaMomentum.Tools.Reports;

/// <summary>Result of <c>generate</c>, and of <c>inspect</c> on a folder of artifacts.</summary>
internal sealed record ArtifactsReport
{
    public required string Directory { get; init; }

    public required string Layout { get; init; }

    public required string Loss { get; init; }

    public long? Classes { get; init; }

    public required IReadOnlyList<TensorReport> Inputs { get; init; }

    public required TensorReport Target { get; init; }

    public required IReadOnlyList<TensorReport> Outputs { get; init; }

    public required IReadOnlyList<ParameterReport> Parameters { get; init; }

    public required long TrainableCount { get; init; }

    public required long FrozenCount { get; init; }

    public required int ForwardNodes { get; init; }

    public required int TrainingNodes { get; init; }

    /// <summary>Samples of a batch in the estimate; null without one.</summary>
    public int? Batch { get; init; }

    /// <summary>Memory that a session takes at its peak, beside the process with ONNX Runtime loaded; given by <c>inspect</c> alone.</summary>
    public long? EstimatedTrainingBytes { get; init; }

    /// <summary>The files of the folder.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public static ArtifactsReport Of(string directory, ArtifactManifest manifest, string prefix = "") => new()
    {
        Directory = directory,
        Layout = manifest.Layout,
        Loss = manifest.LossName,
        Classes = manifest.ClassCount,
        Inputs = TensorReport.Of(manifest.Inputs),
        Target = TensorReport.Of(manifest.Target),
        Outputs = TensorReport.Of(manifest.Outputs),
        Parameters = ParameterReport.Of(manifest.Parameters),
        TrainableCount = manifest.Trainable.Sum(static parameter => parameter.ElementCount),
        FrozenCount = manifest.Parameters.Where(static parameter => !parameter.Trainable).Sum(static parameter => parameter.ElementCount),
        ForwardNodes = manifest.ForwardNodes,
        TrainingNodes = manifest.TrainingNodes,
        Files = [.. manifest.Files.Keys.Append(prefix + TrainingArtifacts.ManifestFile).Order(StringComparer.Ordinal)],
        Notes = manifest.Notes,
    };
}
