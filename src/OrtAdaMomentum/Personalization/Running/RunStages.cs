using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Storage;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>What a run computes, one stage after the other; what becomes of it is the run's.</summary>
internal sealed class RunStages(
    CurrentOptions options,
    ITrainingEngine engine,
    RunFolder folder,
    RunJournal journal,
    FineTuningMetrics metrics,
    FineTuningMonitor monitor,
    ILogger logger)
{
    /// <summary>Looks how likely the labels are to be right, and which samples are trained on.</summary>
    public async Task<LabelCheck> CheckLabelsAsync(
        RunRecord record, byte[] model, SampleSnapshot samples, ModelData data, CancellationToken cancellationToken)
    {
        monitor.Enter(FineTuningState.Preparing);
        var labels = await LabelCheck.RunAsync(
            engine, model, samples.Training, data, options.Value.Robustness.TrimLossQuantile, cancellationToken).ConfigureAwait(false);
        if (labels.SuspectShare is { } share)
            GateLog.LabelsChecked(logger, record.Id, share, labels.Trusted.Count, samples.Training.Count);
        else if (labels.Trusted.Count < samples.Training.Count)
            GateLog.LabelsTrimmed(logger, record.Id, labels.Trusted.Count, samples.Training.Count);
        metrics.LabelsChecked(labels.SuspectShare);
        return labels;
    }

    /// <summary>Trains, and writes the candidate beside its hash in the record.</summary>
    public async Task TrainAsync(
        RunRecord record, IReadOnlyList<Sample> samples, IReadOnlyList<Sample> choosing, ModelData data, byte[] model, CancellationToken cancellationToken)
    {
        using var activity = FineTuningMetrics.Activities.StartActivity("finetuning.train");
        monitor.Enter(FineTuningState.Training);
        IDataset training = new SampleDataset(data.Schema, samples);
        if (data.Rehearsal is { } rehearsal && options.Value.ReplayShare > 0)
            training = new RehearsalMix(training, rehearsal, options.Value.ReplayShare, record.Seed);
        Log.RunStarted(logger, record.Id, samples.Count, training.Count - samples.Count, choosing.Count);
        var job = new TrainingJob(model, training, new SampleDataset(data.Schema, choosing), record.Seed, folder.CheckpointPath, folder.CandidatePath);
        await engine.TrainAsync(
            job,
            progress =>
            {
                journal.Progressed();
                metrics.Step(progress.Loss, progress.SamplesPerSecond);
                monitor.Progressed(progress);
            },
            cancellationToken).ConfigureAwait(false);
        string candidate = ContentHash.Of(await File.ReadAllBytesAsync(folder.CandidatePath, cancellationToken).ConfigureAwait(false));
        journal.Advance(now => now with { Phase = RunPhase.Evaluating, Attempts = 1, Candidate = candidate });
    }

    /// <summary>Compares the candidate with the version that it was trained from.</summary>
    public async Task<GateDecision> EvaluateAsync(byte[] current, IReadOnlyList<Sample> samples, ModelData data, CancellationToken cancellationToken)
    {
        using var activity = FineTuningMetrics.Activities.StartActivity("finetuning.evaluate");
        monitor.Enter(FineTuningState.Evaluating);
        byte[] candidate = await File.ReadAllBytesAsync(folder.CandidatePath, cancellationToken).ConfigureAwait(false);
        var heldOut = new SampleDataset(data.Schema, samples);
        return Gate.Decide(
            await engine.ScoreAsync(current, heldOut, data.Golden, cancellationToken).ConfigureAwait(false),
            await engine.ScoreAsync(candidate, heldOut, data.Golden, cancellationToken).ConfigureAwait(false),
            options.Value.Gate,
            [.. samples.Select(static sample => sample.Subject)]);
    }

    /// <summary>The candidate that the record names; null when its file is not that one.</summary>
    public byte[]? ReadCandidate(RunRecord record)
    {
        if (!File.Exists(folder.CandidatePath))
            return null;
        byte[] candidate = File.ReadAllBytes(folder.CandidatePath);
        return ContentHash.Of(candidate) == record.Candidate ? candidate : null;
    }
}
