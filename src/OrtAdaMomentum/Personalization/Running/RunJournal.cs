using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>Writes down how far the run under way is, before it goes on: whatever ends the process, the next one knows.</summary>
internal sealed class RunJournal(RunFolder folder, ILogger logger)
{
    private DateTime _checkpointTime;

    /// <summary>The run under way, or the one that was interrupted; null where there is none or it was not read yet.</summary>
    public RunRecord? Record { get; private set; }

    public void Begin(RunRecord record)
    {
        folder.Create(record);
        Record = record;
        Log.RunAdvanced(logger, record.Id, record.Phase, record.Attempts);
    }

    /// <exception cref="FineTuningException">There is a record, but it cannot be read.</exception>
    public RunRecord? Read()
    {
        Record = null;
        return Record = folder.Read();
    }

    /// <summary>Counts an attempt before it begins: one that ends the process has been counted.</summary>
    public void AttemptBegins(RunRecord record)
    {
        _checkpointTime = folder.CheckpointTime;
        Write(record with { Attempts = record.Attempts + 1, NotBefore = null });
    }

    /// <summary>Training got on: when it has come past a checkpoint, what ended the attempts before does not end this one.</summary>
    public void Progressed()
    {
        if (Record is not { Attempts: > 1 } record || folder.CheckpointTime == _checkpointTime)
            return;
        Write(record with { Attempts = 1 });
    }

    /// <summary>Takes an attempt back that was stopped.</summary>
    public void AttemptStopped()
    {
        if (Record is { Attempts: > 0 } record)
            Write(record with { Attempts = record.Attempts - 1 });
    }

    public void Advance(Func<RunRecord, RunRecord> change) => Write(change(Record!));

    public void End()
    {
        folder.KeepCheckpoint();
        Remove();
    }

    public void Remove()
    {
        Record = null;
        folder.Delete();
    }

    private void Write(RunRecord record)
    {
        folder.Update(record);
        Record = record;
        Log.RunAdvanced(logger, record.Id, record.Phase, record.Attempts);
    }
}
