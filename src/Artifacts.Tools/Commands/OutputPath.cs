using OrtAdaMomentum.Artifacts;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>Refuses places for results that would destroy something.</summary>
internal static class OutputPath
{
    private static readonly string[] ArtifactFiles =
    [
        TrainingArtifacts.TrainingModelFile, TrainingArtifacts.EvalModelFile, TrainingArtifacts.OptimizerModelFile,
        TrainingArtifacts.BaseModelFile, TrainingArtifacts.CheckpointFile, TrainingArtifacts.ManifestFile,
    ];

    public static void CheckFile(string option, string path, string artifactsDirectory)
    {
        if (Directory.Exists(path) || Path.GetFileName(path).Length == 0)
            throw ToolException.Usage($"{option}: '{path}' is a folder, not a file.");
        string full = Path.GetFullPath(path);
        if (ArtifactFiles.Any(file => full == Path.GetFullPath(Path.Combine(artifactsDirectory, file))))
            throw ToolException.Usage($"{option}: '{path}' is a file of the artifacts themselves. Choose another name.");
    }
}
