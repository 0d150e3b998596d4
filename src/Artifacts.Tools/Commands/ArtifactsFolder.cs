using OrtAdaMomentum.Artifacts;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>Reads training artifacts; what is wrong with them has an exit code of its own.</summary>
internal static class ArtifactsFolder
{
    public static TrainingArtifacts Load(string directory) => Directory.Exists(directory)
        ? ToolException.Attribute(ExitCodes.Artifacts, () => TrainingArtifacts.Load(directory))
        : throw new ToolException(ExitCodes.Artifacts, $"'{directory}' cannot be read: there is no such folder.");

    /// <summary>Reads artifacts that the stock runtime can run.</summary>
    public static TrainingArtifacts LoadToRun(string directory)
    {
        var artifacts = Load(directory);
        return artifacts.Manifest.Layout == ArtifactManifest.StockLayout
            ? artifacts
            : throw new ToolException(
                ExitCodes.Artifacts, $"'{directory}' holds artifacts of the layout '{artifacts.Manifest.Layout}', which this tool writes but does not run. Generate them with --layout stock.");
    }
}
