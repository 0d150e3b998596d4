using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Training.Official;

/// <summary>The official API opens files only. These are there as long as it opens them.</summary>
internal sealed class OfficialSessionFiles : IDisposable
{
    /// <summary>What the names of folders of this process begin with.</summary>
    internal static readonly string FolderPrefix = $"ort-official-{Environment.ProcessId}-";

    private readonly string _folder = Directory.CreateTempSubdirectory(FolderPrefix).FullName;

    public OfficialSessionFiles(TrainingArtifacts artifacts, ReadOnlyMemory<byte> trainingModel, OfficialCheckpoint checkpoint)
    {
        Write(TrainingModel, trainingModel);
        Write(EvalModel, artifacts.EvalModel);
        Write(OptimizerModel, artifacts.OptimizerStepModel);
        checkpoint.Save(Checkpoint);
    }

    public string TrainingModel => Path.Combine(_folder, TrainingArtifacts.TrainingModelFile);

    public string EvalModel => Path.Combine(_folder, TrainingArtifacts.EvalModelFile);

    /// <summary>Never stepped, but the managed API does not do without.</summary>
    public string OptimizerModel => Path.Combine(_folder, TrainingArtifacts.OptimizerModelFile);

    public string Checkpoint => Path.Combine(_folder, TrainingArtifacts.CheckpointFile);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Write(string path, ReadOnlyMemory<byte> content) => AtomicFile.WriteAllBytes(path, content);
}
