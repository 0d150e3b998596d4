using System.Text.Json;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>The files of the run under way. At most one run is under way, so there is one folder.</summary>
internal sealed class RunFolder(string directory)
{
    private string RecordPath => Path.Combine(directory, "run.json");

    public bool Exists => Directory.Exists(directory);

    public string CheckpointPath => Path.Combine(directory, "checkpoint");

    /// <summary>The checkpoint with which the latest finished run ended.</summary>
    public string LatestCheckpointPath => directory + ".checkpoint";

    public string CandidatePath => Path.Combine(directory, "candidate.onnx");

    /// <summary>The run that was under way when the service ended; null when there was none.</summary>
    /// <exception cref="FineTuningException">There was one, but its record cannot be read.</exception>
    public RunRecord? Read()
    {
        if (!File.Exists(RecordPath))
            return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(RecordPath), PersonalizationJson.Default.RunRecord)
                ?? throw new JsonException("The file is empty.");
        }
        catch (JsonException error)
        {
            throw new FineTuningException($"'{RecordPath}' is not a valid run record: {error.Message}", error);
        }
    }

    /// <summary>Starts a run's folder. Its files come after its record, so a checkpoint is never without one.</summary>
    public void Create(RunRecord record)
    {
        Delete();
        Directory.CreateDirectory(directory);
        Update(record);
    }

    /// <summary>Replaces the record.</summary>
    public void Update(RunRecord record) =>
        AtomicFile.WriteAllBytes(RecordPath, JsonSerializer.SerializeToUtf8Bytes(record, PersonalizationJson.Default.RunRecord));

    /// <summary>When the checkpoint was written; another value than before means that training has got on.</summary>
    public DateTime CheckpointTime => File.GetLastWriteTimeUtc(CheckpointPath);

    /// <summary>Removes what was trained, so that the run begins anew.</summary>
    public void DiscardWork()
    {
        File.Delete(CheckpointPath);
        File.Delete(CandidatePath);
    }

    /// <summary>Keeps the checkpoint of a run that is over, in the place of the one before.</summary>
    public void KeepCheckpoint()
    {
        if (File.Exists(CheckpointPath))
            File.Move(CheckpointPath, LatestCheckpointPath, overwrite: true);
    }

    public void Delete()
    {
        if (!Directory.Exists(directory))
            return;
        // The record first: what an interruption leaves without it is no run.
        File.Delete(RecordPath);
        Directory.Delete(directory, recursive: true);
    }
}
