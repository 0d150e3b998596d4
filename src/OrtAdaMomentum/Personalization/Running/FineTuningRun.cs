using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>One run: train, evaluate, decide, promote. Can go on after an interruption at any point.</summary>
internal sealed class FineTuningRun
{
    private readonly CurrentOptions _options;
    private readonly ISampleStore _store;
    private readonly ITrainingEngine _engine;
    private readonly ModelRegistry _registry;
    private readonly VersionSwitch _versions;
    private readonly FineTuningMetrics _metrics;
    private readonly FineTuningMonitor _monitor;
    private readonly FineTuningProblems _problems;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RunFolder _folder;
    private readonly RunJournal _journal;
    private readonly RunStages _stages;

    public FineTuningRun(
        CurrentOptions options,
        ISampleStore store,
        ITrainingEngine engine,
        ModelRegistry registry,
        VersionSwitch versions,
        FineTuningMetrics metrics,
        FineTuningMonitor monitor,
        FineTuningProblems problems,
        TimeProvider time,
        ILogger<FineTuningRun> logger)
    {
        (_options, _store, _engine, _registry, _versions) = (options, store, engine, registry, versions);
        (_metrics, _monitor, _problems, _time, _logger) = (metrics, monitor, problems, time, logger);
        _folder = new RunFolder(Path.Combine(options.Value.DataDirectory, "run"));
        _journal = new RunJournal(_folder, logger);
        _stages = new RunStages(options, engine, _folder, _journal, metrics, monitor, logger);
    }

    /// <summary>Whether a run was interrupted or failed, be it one that can go on or not.</summary>
    public bool IsInterrupted => _folder.Exists;

    /// <summary>How long the run that failed has to wait, and why it failed; null where there is none.</summary>
    public (TimeSpan Delay, string Failure)? Retry
    {
        get
        {
            if (ReadRecord() is not { NotBefore: { } notBefore, Failure: { } failure } record)
                return null;
            // Bounded, in case that the clock was put back.
            var (delay, longest) = (notBefore - _time.GetUtcNow(), _options.Value.Failure.DelayAfter(record.Attempts));
            return (delay < TimeSpan.Zero ? TimeSpan.Zero : delay < longest ? delay : longest, failure);
        }
    }

    /// <summary>
    /// Checks that the machine can take a run now. Done before a run takes its samples, so that they are still new where it is refused, and before an
    /// interrupted one goes on, so that it can still do that later.
    /// </summary>
    /// <exception cref="FineTuningException">It cannot.</exception>
    public Task AdmitAsync() => Task.Run(() => _engine.Admit(_registry.ReadModel(_registry.Current)));

    /// <summary>The samples of the interrupted run, if there is one that can go on; otherwise its remains are removed.</summary>
    public async Task<(RunRecord Record, SampleSnapshot Samples)?> FindInterruptedAsync(ModelData data, CancellationToken cancellationToken)
    {
        string reason;
        RunRecord? record = null;
        try
        {
            record = _journal.Read();
            await _store.ReleaseOtherSnapshotsAsync(record?.Snapshot, cancellationToken).ConfigureAwait(false);
            if (record is null)
            {
                _journal.Remove();
                return null;
            }

            var samples = await _store.FindSnapshotAsync(record.Snapshot, cancellationToken).ConfigureAwait(false);
            samples = samples is null ? null : Fit(samples, data);
            if (record.Attempts >= _options.Value.Failure.MaximumAttempts)
            {
                await GiveUpAsync(record).ConfigureAwait(false);
                return null;
            }

            // What was decided is carried out whatever has changed since: the decision says from which version, and that is looked at then.
            if (record.Phase == RunPhase.Deciding)
                return (record, samples ?? new SampleSnapshot(record.Snapshot, [], []));

            reason = samples is null ? "the store does not have its samples any more"
                : record.Parent != _registry.Current.Id ? "the current version is another"
                : record.Settings != RunSettingsText.Of(_options.Value, samples, data) ? "the options are others"
                : "";
            if (reason.Length == 0)
            {
                Log.RunResumed(_logger, record.Id);
                return (record, samples!);
            }
        }
        catch (FineTuningException error) when (error is not SampleStoreException)
        {
            reason = error.Message;
        }

        Log.RunDiscarded(_logger, record?.Id ?? "unknown", reason);
        _journal.Remove();
        await _store.ReleaseOtherSnapshotsAsync(null, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private SampleSnapshot Fit(SampleSnapshot samples, ModelData data)
    {
        var fitting = SnapshotFit.Of(samples, data.Schema, out int left, out string example);
        if (left > 0)
            Log.SamplesDoNotFit(_logger, left, example);
        return fitting;
    }

    /// <summary>Starts a run on the samples that are stored now.</summary>
    /// <exception cref="NothingToTrainException">There are none to train on.</exception>
    public async Task<(RunRecord Record, SampleSnapshot Samples)> PrepareAsync(ModelData data, CancellationToken cancellationToken)
    {
        _monitor.Enter(FineTuningState.Preparing);
        await AdmitAsync().ConfigureAwait(false);
        // Another seed for each run, but the same after the same history.
        ulong seed = _options.Value.Seed + (ulong)_registry.Versions[^1].Number;
        var samples = await _store.TakeSnapshotAsync(_options.Value.Replay.Selection(seed), cancellationToken).ConfigureAwait(false);
        foreach (string problem in samples.Damaged)
            Log.SampleDamaged(_logger, problem);
        samples = Fit(samples, data);
        if (samples.Training.Count == 0)
        {
            await _store.ReleaseSnapshotAsync(samples.Id, used: true, CancellationToken.None).ConfigureAwait(false);
            throw new NothingToTrainException();
        }

        var parent = _registry.Current;
        string settings = RunSettingsText.Of(_options.Value, samples, data);
        var record = new RunRecord(Guid.NewGuid().ToString("N")[..12], parent.Id, samples.Id, seed, settings, _time.GetUtcNow());
        try
        {
            _journal.Begin(record);
        }
        catch
        {
            await _store.ReleaseSnapshotAsync(samples.Id, used: false, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return (record, samples);
    }

    /// <summary>
    /// Carries a run out. If it is cancelled its files stay, so that it can go on; if it fails too, so that it is tried again, unless it was tried often
    /// enough; if it ends they are removed.
    /// </summary>
    public async Task<GateDecision> ExecuteAsync(
        RunRecord record, SampleSnapshot samples, ModelData data, CancellationToken cancellationToken)
    {
        using var activity = FineTuningMetrics.Activities.StartActivity("finetuning.run");
        activity?.SetTag("ortadamomentum.run", record.Id);
        long started = _time.GetTimestamp();
        string outcome = "failed";
        try
        {
            _journal.AttemptBegins(record);
            var decision = await TrainAndDecideAsync(samples, data, cancellationToken).ConfigureAwait(false);
            outcome = decision.Promote ? "promoted" : "kept_current";
            await EndAsync(record).ConfigureAwait(false);
            _problems.Resolve(FineTuningProblemKind.Training);
            _monitor.RunEndedWell();
            return decision;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = "interrupted";
            Log.RunInterrupted(_logger, record.Id);
            Try(_journal.AttemptStopped);
            throw;
        }
        catch (Exception error)
        {
            activity?.SetStatus(ActivityStatusCode.Error, error.Message);
            await FailAsync(error).ConfigureAwait(false);
            throw;
        }
        finally
        {
            _metrics.RunEnded(outcome, _time.GetElapsedTime(started));
        }
    }

    private async Task<GateDecision> TrainAndDecideAsync(SampleSnapshot samples, ModelData data, CancellationToken cancellationToken)
    {
        var record = _journal.Record!;
        var parent = _registry.Find(record.Parent)
            ?? throw new FineTuningException($"The version {record.Parent} that the run trains from is gone.");
        if (record.Phase != RunPhase.Deciding)
        {
            byte[] current = _registry.ReadModel(parent);
            var parts = HeldOutSplit.Of(samples.HeldOut, _options.Value.EarlyStopping);
            var labels = await _stages.CheckLabelsAsync(record, current, samples, data, cancellationToken).ConfigureAwait(false);
            if (record.Phase == RunPhase.Training || _stages.ReadCandidate(record) is null)
                await _stages.TrainAsync(record, labels.Trusted, parts.Choosing, data, current, cancellationToken).ConfigureAwait(false);
            var decided = await _stages.EvaluateAsync(current, parts.Deciding, data, cancellationToken).ConfigureAwait(false);
            // Before the registry has the candidate: an interruption from here on ends with this decision and no other.
            _journal.Advance(now => now with { Phase = RunPhase.Deciding, Attempts = 1, Decision = decided with { SuspectLabels = labels.SuspectShare } });
        }

        _monitor.Enter(FineTuningState.Deciding);
        record = _journal.Record!;
        byte[] candidate = _stages.ReadCandidate(record)
            ?? throw new FineTuningException($"The candidate of run {record.Id} was decided on, but its file is gone or damaged.");
        return await _versions.SettleAsync(candidate, parent, record.Decision!, cancellationToken).ConfigureAwait(false);
    }

    private RunRecord? ReadRecord()
    {
        try
        {
            return _journal.Record ?? _journal.Read();
        }
        catch (FineTuningException)
        {
            // Reported when the run is looked for.
            return null;
        }
    }

    private async ValueTask FailAsync(Exception error)
    {
        if (_journal.Record is not { } record)
            return;
        var failure = _options.Value.Failure;
        if (record.Attempts >= failure.MaximumAttempts)
        {
            await GiveUpAsync(record with { Failure = error.Message }).ConfigureAwait(false);
            return;
        }

        var delay = failure.DelayAfter(record.Attempts);
        Log.RunIsTriedAgain(_logger, record.Id, record.Attempts, failure.MaximumAttempts, delay);
        _problems.Report(FineTuningProblemKind.Training, $"A run fails: {error.Message.TrimEnd('.')}. It is tried again, at most {failure.MaximumAttempts} times.");
        Try(() =>
        {
            // A full disk, or a store that cannot be read now, has nothing to do with what was trained; anything else may come from it.
            bool keep = error is IOException or SampleStoreException || record.Phase == RunPhase.Deciding;
            if (!keep)
                _folder.DiscardWork();
            _journal.Advance(now => now with
            {
                Phase = keep ? now.Phase : RunPhase.Training, NotBefore = _time.GetUtcNow() + delay, Failure = error.Message,
            });
        });
    }

    private async ValueTask GiveUpAsync(RunRecord record)
    {
        string reason = $"tried {record.Attempts} times, at last: {record.Failure ?? "the process ended"}";
        Log.RunGivenUp(_logger, record.Id, reason);
        _problems.Report(
            FineTuningProblemKind.Training,
            $"Run {record.Id} was given up ({reason}). Its samples count as used; they are trained on again with the next ones.");
        await EndAsync(record).ConfigureAwait(false);
    }

    private async ValueTask EndAsync(RunRecord record)
    {
        try
        {
            // Before the record goes: whatever ends the process in between, the samples are not taken for unused ones.
            await _store.ReleaseSnapshotAsync(record.Snapshot, used: true, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SampleStoreException error)
        {
            Log.SnapshotNotReleased(_logger, error, record.Id);
        }

        Log.RunEnded(_logger, record.Id);
        Try(_journal.End);
    }

    private void Try(Action change)
    {
        try
        {
            change();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.RunNotWritten(_logger, error);
        }
    }
}
