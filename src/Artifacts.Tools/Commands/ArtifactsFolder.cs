using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>Reads training artifacts; what is wrong with them has an exit code of its own.</summary>
internal static class ArtifactsFolder
{
    /// <summary>Reads artifacts, those of the official training API too, in the layout that the stock runtime runs.</summary>
    public static TrainingArtifacts LoadToRun(string directory)
    {
        if (!Directory.Exists(directory))
            throw new ToolException(ExitCodes.Artifacts, $"'{directory}' cannot be read: there is no such folder.");
        return ToolException.Attribute(ExitCodes.Artifacts, () => Load(directory));
    }

    /// <summary>The layout that the files in a folder have.</summary>
    public static string LayoutOf(string directory) => IsStock(directory) ? ArtifactManifest.StockLayout : ArtifactManifest.OfficialLayout;

    private static bool IsStock(string directory) => !OfficialArtifactFiles.AreIn(directory)
        && ToolException.Attribute(ExitCodes.Artifacts, () => TrainingArtifacts.Load(directory)).Manifest.Layout == ArtifactManifest.StockLayout;

    private static TrainingArtifacts Load(string directory)
    {
        string manifest = Path.Combine(directory, TrainingArtifacts.ManifestFile);
        if (File.Exists(manifest))
        {
            var artifacts = TrainingArtifacts.Load(directory);
            return artifacts.Manifest.Layout == ArtifactManifest.StockLayout ? artifacts : OfficialArtifacts.Load(directory).Training;
        }

        return OfficialArtifactFiles.AreIn(directory) ? OfficialArtifacts.Load(directory).Training : TrainingArtifacts.Load(directory);
    }
}
