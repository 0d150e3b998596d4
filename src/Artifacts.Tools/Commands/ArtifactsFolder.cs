using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>Reads training artifacts; what is wrong with them has an exit code of its own.</summary>
internal static class ArtifactsFolder
{
    /// <summary>Reads artifacts, for the stock runtime also those of the official layout, in the form that a backend runs.</summary>
    public static TrainingArtifacts LoadToRun(string directory, TrainingBackend backend = TrainingBackend.Stock) => TrainableFolder.Open(directory, backend).Artifacts;

    /// <summary>The layout that the files in a folder have.</summary>
    public static string LayoutOf(string directory) => IsStock(directory) ? ArtifactManifest.StockLayout : ArtifactManifest.OfficialLayout;

    private static bool IsStock(string directory) => !OfficialArtifactFiles.AreIn(directory)
        && ToolException.Attribute(ExitCodes.Artifacts, () => TrainingArtifacts.Load(directory)).Manifest.Layout == ArtifactManifest.StockLayout;
}
