using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Counts what is reported of answers and what labels that come later say of them, compares the served version with its parent on samples that come in, and
/// rolls a version back that does worse. All counting is done by one loop, so that nobody who reports or brings samples waits.
/// </summary>
internal sealed class VersionWatch : IModelFeedback
{
    /// <summary>Reports, labels that come later, and samples: each may err with this part of the error that is allowed in all.</summary>
    private const int KindsOfEvidence = 3;

    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(10);

    private readonly CurrentOptions _options;
    private readonly ModelRegistry _registry;
    private readonly VersionSwitch _versions;
    private readonly FineTuningMetrics _metrics;
    private readonly FineTuningMonitor _monitor;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WatchFile _file;
    private readonly SampleComparer _comparer;
    private readonly EvidenceCounter _counter;
    private readonly WatchQueue _items = new();

    // Beside the reports, since none of these may be left out.
    private readonly ConcurrentQueue<(ModelVersion Version, string Cause)> _switches = new();
    private ModelVersion? _current;
    private DateTimeOffset? _since;
    private string? _rolledBackFrom;
    private long _saved;
    private volatile bool _takesSamples;

    public VersionWatch(
        CurrentOptions options,
        ModelRegistry registry,
        ModelServer server,
        VersionSwitch versions,
        FineTuningMetrics metrics,
        FineTuningMonitor monitor,
        TimeProvider time,
        ILogger<VersionWatch> logger)
    {
        (_options, _registry, _versions, _metrics, _monitor, _time, _logger) = (options, registry, versions, metrics, monitor, time, logger);
        _file = new WatchFile(Path.Combine(options.Value.DataDirectory, "watch.json"), logger);
        _comparer = new SampleComparer(registry, server, logger);
        _counter = new EvidenceCounter(options, registry, _comparer, metrics);
        versions.Switched += (version, cause) =>
        {
            _switches.Enqueue((version, cause));
            _items.Add(new WatchItem());
        };
    }

    public void Report(Prediction prediction, bool isRight)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        Report(prediction.Version.Id, isRight ? 1 : 0);
    }

    public void Report(string version, double score)
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        if (!double.IsFinite(score))
            throw new ArgumentOutOfRangeException(nameof(score), score, "A score is a finite number.");
        _items.Add(new ReportedItem(_registry.Get(version).Id, score));
    }

    /// <summary>Samples that have come in and that no version has learned from.</summary>
    public void Offer(IEnumerable<Sample> samples)
    {
        if (!_takesSamples)
            return;
        foreach (var sample in samples.Where(static sample => sample.IsLabelled))
            _items.Add(new SampleItem(sample));
    }

    /// <summary>A stored sample whose target has come, or has become another.</summary>
    public void Offer(CorrectedSample sample)
    {
        var watch = _options.Value.Watch;
        // Without a watch under way it still tells what the served version does, with which the next one is compared.
        if (watch.ScoreSamples && watch.Period > TimeSpan.Zero)
            _items.Add(new LabelItem(sample));
    }

    /// <summary>Goes on where the process before ended.</summary>
    public void Open(SampleSchema schema, ModelVersion current)
    {
        (_counter.Schema, _current, _saved) = (schema, current, _time.GetTimestamp());
        if (_file.Read() is { } state)
        {
            _counter.Evidence = WatchEvidence.Of(state, isSameVersion: state.Version == current.Id);
            if (state.Version == current.Id)
                (_since, _rolledBackFrom) = (state.Since, state.RolledBackFrom);
            else if (current.Parent == state.Version)
                Begin(current); // promoted by a process that ended before it could write that down
        }

        Publish();
    }

    /// <summary>Counts until the token is cancelled, and then saves.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _items.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                while (_items.TryTake(out var item))
                    await TakeAsync(item).ConfigureAwait(false);
                if (_counter.IsDirty && _time.GetElapsedTime(_saved) >= SaveInterval)
                    Save();
                Publish();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _comparer.Release();
            if (_counter.IsDirty)
                Save();
        }
    }

    private async ValueTask TakeAsync(WatchItem item)
    {
        while (_switches.TryDequeue(out var switched))
            Follow(switched.Version, switched.Cause);
        if (_current is { } current && _counter.Count(item, current, IsWatched()) is { } finding)
            await JudgeAsync(current, finding).ConfigureAwait(false);
    }

    private void Follow(ModelVersion version, string cause)
    {
        if (cause != VersionSwitch.WatchCause)
            _rolledBackFrom = null;
        if (cause is VersionSwitch.GateCause or VersionSwitch.ManualCause)
            Begin(version);
        else
        {
            (_current, _since) = (version, null);
            _counter.Evidence.Begin();
        }

        _comparer.Release();
        _counter.IsNews = true;
        Save();
    }

    private void Begin(ModelVersion version)
    {
        _current = version;
        _since = version.Parent is null || _options.Value.Watch.Period == TimeSpan.Zero ? null : _time.GetUtcNow();
        _counter.Evidence.Begin();
        // What was reported of it in an earlier time of service does not count in this one.
        _counter.Evidence.Forget(version.Id);
        if (_since is not null)
            GateLog.WatchBegun(_logger, version.Label, _options.Value.Watch.Period);
    }

    /// <summary>Rolls the version back if it is sure enough that it is worse. The kinds of evidence share the error that is allowed in all.</summary>
    private async ValueTask JudgeAsync(ModelVersion version, Finding finding)
    {
        var watch = _options.Value.Watch;
        long look = finding.Seen / watch.MinimumFeedback;
        double error = FallTest.ErrorOf((1 - watch.Confidence) / KindsOfEvidence, look);
        if (finding.Probability > error)
            return;
        string reason = Invariant(
            $"rolled back by the watch: {version.Label} {finding.Evidence}; that it is worse by more than {watch.MaximumFall:0.####} is sure but for {finding.Probability:0.######}, {error:0.######} allowed at look {look}");
        try
        {
            _rolledBackFrom = version.Id;
            if (await _versions.RollBackFromAsync(version.Id, reason, CancellationToken.None).ConfigureAwait(false))
                GateLog.WatchRolledBack(_logger, reason);
        }
        catch (FineTuningException problem)
        {
            // The next look tries again.
            GateLog.WatchCouldNotRollBack(_logger, problem, version.Label);
        }
    }

    private bool IsWatched()
    {
        if (_since is not { } since)
            return false;
        if (_time.GetUtcNow() < since + _options.Value.Watch.Period)
            return true;
        (_since, _counter.IsNews, _counter.IsDirty) = (null, true, true);
        _comparer.Release();
        GateLog.WatchPassed(_logger, _current!.Label, _counter.Evidence.Seen.Reports, _counter.Evidence.Seen.Labels, _counter.Evidence.Seen.Samples);
        return false;
    }

    private void Publish()
    {
        if (_current is not { } current)
            return;
        var own = Summary(_counter.Evidence.Reports, current.Id);
        if (own.Count > 0)
            _metrics.FeedbackScored(own.Mean);
        bool isWatched = IsWatched();
        _takesSamples = isWatched && _options.Value.Watch.ScoreSamples;
        _monitor.Watched(
            new WatchReport(
                current.Id,
                isWatched ? _since + _options.Value.Watch.Period : null,
                own,
                current.Parent is null ? null : Summary(_counter.Evidence.Reports, current.Parent),
                _counter.Evidence.Samples.Summary(),
                Summary(_counter.Evidence.Labels, current.Id),
                current.Parent is null ? null : Summary(_counter.Evidence.Labels, current.Parent),
                _rolledBackFrom),
            _counter.IsNews);
        _counter.IsNews = false;

        static FeedbackSummary Summary(Dictionary<string, ScoreWindow<double>> windows, string version) =>
            windows.GetValueOrDefault(version)?.Summary() ?? new FeedbackSummary(0, double.NaN);
    }

    private void Save()
    {
        _saved = _time.GetTimestamp();
        _counter.Evidence.Keep(_current!.Id, _current.Parent);
        // What could not be written counts on in memory, and the next interval tries again.
        _counter.IsDirty = !_file.Write(_counter.Evidence.ToState(_current.Id, _since, _rolledBackFrom));
    }
}
