using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Training.Data;
using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>One run: train, evaluate, decide, promote. Can go on after an interruption at any point.</summary>
internal sealed class FineTuningRun(
    CurrentOptions options,
    ISampleStore store,
    ITrainingEngine engine,
    ModelRegistry registry,
    VersionSwitch versions,
    FineTuningMetrics metrics,
    FineTuningMonitor monitor,
    TimeProvider time,
    ILogger<FineTuningRun> logger)
{
    private readonly RunFolder _folder = new(Path.Combine(options.Value.DataDirectory, "run"));

    /// <summary>Whether a run was interrupted, be it one that can go on or not.</summary>
    public bool IsInterrupted => _folder.Exists;

    /// <summary>The samples of the interrupted run, if there is one that can go on; otherwise its remains are removed.</summary>
    public async Task<(RunRecord Record, SampleSnapshot Samples)?> FindInterruptedAsync(ModelData data, CancellationToken cancellationToken)
    {
        string reason;
        RunRecord? record = null;
        try
        {
            record = _folder.Read();
            await store.ReleaseOtherSnapshotsAsync(record?.Snapshot, cancellationToken).ConfigureAwait(false);
            if (record is null)
            {
                _folder.Delete();
                return null;
            }

            var samples = await store.FindSnapshotAsync(record.Snapshot, cancellationToken).ConfigureAwait(false);
            reason = samples is null ? "the store does not have its samples any more"
                : record.Parent != registry.Current.Id ? "the current version is another"
                : record.Settings != Settings(samples, data) ? "the options are others"
                : "";
            if (reason.Length == 0)
            {
                Log.RunResumed(logger, record.Id);
                return (record, samples!);
            }
        }
        catch (FineTuningException error) when (error is not SampleStoreException)
        {
            reason = error.Message;
        }

        Log.RunDiscarded(logger, record?.Id ?? "unknown", reason);
        _folder.Delete();
        await store.ReleaseOtherSnapshotsAsync(null, cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>Starts a run on the samples that are stored now.</summary>
    public async Task<(RunRecord Record, SampleSnapshot Samples)> PrepareAsync(ModelData data, CancellationToken cancellationToken)
    {
        // Another seed for each run, but the same after the same history.
        ulong seed = options.Value.Seed + (ulong)registry.Versions[^1].Number;
        var samples = await store.TakeSnapshotAsync(options.Value.Replay.Selection(seed), cancellationToken).ConfigureAwait(false);
        var parent = registry.Current;
        var record = new RunRecord(Guid.NewGuid().ToString("N")[..12], parent.Id, samples.Id, seed, Settings(samples, data), time.GetUtcNow());
        try
        {
            _folder.Create(record);
        }
        catch
        {
            await store.ReleaseSnapshotAsync(samples.Id, used: false, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return (record, samples);
    }

    /// <summary>Carries a run out. If it is cancelled its files stay, so that it can go on; if it ends or fails they are removed.</summary>
    public async Task<GateDecision> ExecuteAsync(
        RunRecord record, SampleSnapshot samples, ModelData data, CancellationToken cancellationToken)
    {
        using var activity = FineTuningMetrics.Activities.StartActivity("finetuning.run");
        activity?.SetTag("ortadamomentum.run", record.Id);
        long started = time.GetTimestamp();
        string outcome = "failed";
        try
        {
            var decision = await TrainAndDecideAsync(record, samples, data, cancellationToken).ConfigureAwait(false);
            outcome = decision.Promote ? "promoted" : "kept_current";
            monitor.RunEndedWell();
            return decision;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = "interrupted";
            Log.RunInterrupted(logger, record.Id);
            throw;
        }
        catch (Exception error)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error.Message);
            throw;
        }
        finally
        {
            metrics.RunEnded(outcome, time.GetElapsedTime(started));
            if (outcome != "interrupted")
                await EndAsync(record).ConfigureAwait(false);
        }
    }

    private async Task<GateDecision> TrainAndDecideAsync(
        RunRecord record, SampleSnapshot samples, ModelData data, CancellationToken cancellationToken)
    {
        if (samples.Training.Count == 0)
            throw new FineTuningException("There are no samples to train on.");
        var parent = registry.Find(record.Parent)
            ?? throw new FineTuningException($"The version {record.Parent} that the run trains from is gone.");
        byte[] current = registry.ReadModel(parent);

        monitor.Enter(FineTuningState.Training);
        var heldOutParts = HeldOutSplit.Of(samples.HeldOut, options.Value.EarlyStopping);
        var labels = await LabelCheck.RunAsync(
            engine, current, samples.Training, data, options.Value.Robustness.TrimLossQuantile, cancellationToken).ConfigureAwait(false);
        GateLog.LabelsChecked(logger, record.Id, labels.SuspectShare, labels.Trusted.Count, samples.Training.Count);
        metrics.LabelsChecked(labels.SuspectShare);
        using (FineTuningMetrics.Activities.StartActivity("finetuning.train"))
            await TrainAsync(record, labels.Trusted, heldOutParts.Choosing, data, current, cancellationToken).ConfigureAwait(false);

        monitor.Enter(FineTuningState.Evaluating);
        byte[] candidate = await File.ReadAllBytesAsync(_folder.CandidatePath, cancellationToken).ConfigureAwait(false);
        GateDecision decision;
        using (FineTuningMetrics.Activities.StartActivity("finetuning.evaluate"))
        {
            var heldOut = new SampleDataset(data.Schema, heldOutParts.Deciding);
            decision = Gate.Decide(
                await engine.ScoreAsync(current, heldOut, data.Golden, cancellationToken).ConfigureAwait(false),
                await engine.ScoreAsync(candidate, heldOut, data.Golden, cancellationToken).ConfigureAwait(false),
                options.Value.Gate,
                [.. heldOutParts.Deciding.Select(static sample => sample.Subject)]) with { SuspectLabels = labels.SuspectShare };
        }

        return await versions.SettleAsync(candidate, parent, decision, cancellationToken).ConfigureAwait(false);
    }

    private Task TrainAsync(
        RunRecord record, IReadOnlyList<Sample> samples, IReadOnlyList<Sample> choosing, ModelData data, byte[] model, CancellationToken cancellationToken)
    {
        IDataset training = new SampleDataset(data.Schema, samples);
        if (data.Rehearsal is { } rehearsal && options.Value.ReplayShare > 0)
            training = new RehearsalMix(training, rehearsal, options.Value.ReplayShare, record.Seed);
        Log.RunStarted(logger, record.Id, samples.Count, training.Count - samples.Count, choosing.Count);
        var job = new TrainingJob(model, training, new SampleDataset(data.Schema, choosing), record.Seed, _folder.CheckpointPath, _folder.CandidatePath);
        return engine.TrainAsync(
            job,
            progress =>
            {
                metrics.Step(progress.Loss, progress.SamplesPerSecond);
                monitor.Progressed(progress);
            },
            cancellationToken);
    }

    private async ValueTask EndAsync(RunRecord record)
    {
        try
        {
            // Before the record goes: whatever ends the process in between, the samples are not taken for unused ones.
            await store.ReleaseSnapshotAsync(record.Snapshot, used: true, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SampleStoreException error)
        {
            Log.SnapshotNotReleased(logger, error, record.Id);
        }

        try
        {
            _folder.KeepCheckpoint();
            _folder.Delete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.FolderNotDeleted(logger, error, "run");
        }
    }

    /// <summary>Everything that the trained weights depend on beside the parent, the samples and the seed.</summary>
    private string Settings(SampleSnapshot samples, ModelData data)
    {
        var settings = options.Value;
        return string.Join(
            ';',
            Invariant($"loss={settings.Loss}"),
            Invariant($"trainable={string.Join(',', settings.Trainable)}"),
            Invariant($"optimizer={settings.Optimizer}"),
            Invariant($"lr={settings.LearningRate:R}"),
            Invariant($"wd={settings.WeightDecay:R}"),
            Invariant($"schedule={settings.Schedule}"),
            Invariant($"warmup={settings.WarmupSteps}"),
            Invariant($"epochs={settings.Epochs}"),
            Invariant($"batch={settings.BatchSize}"),
            Invariant($"replay={settings.ReplayShare:R}"),
            Invariant($"patience={settings.EarlyStopping.Patience},{settings.EarlyStopping.MinimumImprovement:R},{settings.EarlyStopping.ChoosingShare:R}"),
            Invariant($"limits={settings.Robustness.MaximumUpdateNorm:R},{settings.Robustness.MaximumGradientNorm:R},{settings.Robustness.TrimLossQuantile:R}"),
            Invariant($"rehearsal={data.Rehearsal?.Count ?? 0}"),
            Invariant($"samples={samples.Training.Count}"));
    }
}
