using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>A folder of artifacts to train.</summary>
/// <param name="Artifacts">What a session trains.</param>
/// <param name="Official">What the files say where they are of the official layout, whoever made them; else null.</param>
/// <param name="Prefix">What the names of the files begin with.</param>
internal sealed record TrainableFolder(TrainingArtifacts Artifacts, OfficialArtifacts? Official, string Prefix)
{
    /// <summary>Reads a folder for the backend that is to run it.</summary>
    public static TrainableFolder Open(string directory, TrainingBackend backend)
    {
        if (!Directory.Exists(directory))
            throw new ToolException(ExitCodes.Artifacts, $"'{directory}' cannot be read: there is no such folder.");
        return ToolException.Attribute(ExitCodes.Artifacts, () => Read(directory, backend));
    }

    /// <summary>Opens a session, which goes on from the optimizer's state of an official checkpoint where it steps alike.</summary>
    public FineTuningSession OpenSession(FineTuningOptions options) =>
        Official is null || options.Backend == TrainingBackend.Official ? new FineTuningSession(Artifacts, options) : FineTuningSession.Open(Official, options);

    private static TrainableFolder Read(string directory, TrainingBackend backend)
    {
        var own = OfficialArtifactFiles.AreIn(directory) ? null : TrainingArtifacts.Load(directory);
        if (own?.Manifest.Layout == ArtifactManifest.StockLayout)
            return new TrainableFolder(own, null, string.Empty);
        var files = OfficialArtifactFiles.Find(directory);
        var official = OfficialArtifacts.Load(files);
        if (backend == TrainingBackend.Stock)
            return new TrainableFolder(official.Training, official, files.Prefix);
        if (own is null && !File.Exists(Path.Combine(directory, files.Prefix + TrainingArtifacts.ManifestFile)))
            throw new FineTuningException($"'{directory}' is of the official tool, which the stock backend runs; the official one takes what 'generate --layout official' has made.");
        return new TrainableFolder(own ?? TrainingArtifacts.Load(directory, files.Prefix), official, files.Prefix);
    }
}
