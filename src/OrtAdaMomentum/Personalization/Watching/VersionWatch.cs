using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Counts what is reported of answers, compares the served version with its parent on samples that come in, and rolls a version back that does worse. All
/// counting is done by one loop, so that nobody who reports or brings samples waits.
/// </summary>
internal sealed class VersionWatch : IModelFeedback
{
    private const int LargestBacklog = 4096;

    private const long LargestBacklogOfSamples = 64L << 20;

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
    private readonly Channel<Item> _items =
        Channel.CreateBounded<Item>(new BoundedChannelOptions(LargestBacklog) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    // Beside the reports, since none of these may be left out.
    private readonly ConcurrentQueue<(ModelVersion Version, string Cause)> _switches = new();
    private Dictionary<string, FeedbackWindow> _windows = new(StringComparer.Ordinal);
    private PairedWindow _pairs = new([]);
    private SampleSchema? _schema;
    private ModelVersion? _current;
    private DateTimeOffset? _since;
    private string? _rolledBackFrom;
    private long _seen;
    private long _compared;
    private long _waitingBytes;
    private long _saved;
    private bool _isDirty;
    private bool _isNews = true;
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
        versions.Switched += (version, cause) =>
        {
            _switches.Enqueue((version, cause));
            _items.Writer.TryWrite(new Nudge());
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
        _items.Writer.TryWrite(new Reported(_registry.Get(version).Id, score));
    }

    /// <summary>Samples that have come in and that no version has learned from.</summary>
    public void Offer(IEnumerable<Sample> samples)
    {
        if (!_takesSamples)
            return;
        foreach (var sample in samples)
        {
            long bytes = sample.Inputs.Values.Sum(static tensor => (long)tensor.Bytes.Length);
            if (!sample.IsLabelled || Interlocked.Read(ref _waitingBytes) + bytes > LargestBacklogOfSamples)
                continue;
            Interlocked.Add(ref _waitingBytes, bytes);
            if (!_items.Writer.TryWrite(new Labelled(sample, bytes)))
                Interlocked.Add(ref _waitingBytes, -bytes);
        }
    }

    /// <summary>Goes on where the process before ended.</summary>
    public void Open(SampleSchema schema, ModelVersion current)
    {
        (_schema, _current, _saved) = (schema, current, _time.GetTimestamp());
        if (_file.Read() is { } state)
        {
            _windows = state.Scores.ToDictionary(static pair => pair.Key, static pair => new FeedbackWindow(pair.Value), StringComparer.Ordinal);
            if (state.Version == current.Id)
                (_since, _seen, _compared, _rolledBackFrom, _pairs) = (state.Since, state.Seen, state.Compared, state.RolledBackFrom, new PairedWindow(state.Pairs));
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
            while (await _items.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (_items.Reader.TryRead(out var item))
                    await TakeAsync(item).ConfigureAwait(false);
                if (_isDirty && _time.GetElapsedTime(_saved) >= SaveInterval)
                    Save();
                Publish();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _comparer.Release();
            if (_isDirty)
                Save();
        }
    }

    private async ValueTask TakeAsync(Item item)
    {
        while (_switches.TryDequeue(out var switched))
            Follow(switched.Version, switched.Cause);
        switch (item)
        {
            case Reported reported:
                await CountAsync(reported.Version, reported.Score).ConfigureAwait(false);
                break;
            case Labelled labelled:
                Interlocked.Add(ref _waitingBytes, -labelled.Bytes);
                await CompareAsync(labelled.Sample).ConfigureAwait(false);
                break;
        }
    }

    private void Follow(ModelVersion version, string cause)
    {
        if (cause != VersionSwitch.WatchCause)
            _rolledBackFrom = null;
        if (cause is VersionSwitch.GateCause or VersionSwitch.ManualCause)
            Begin(version);
        else
            (_current, _since, _seen, _compared, _pairs) = (version, null, 0, 0, new PairedWindow([]));
        _comparer.Release();
        _isNews = true;
        Save();
    }

    private void Begin(ModelVersion version)
    {
        (_current, _seen, _compared, _pairs) = (version, 0, 0, new PairedWindow([]));
        _since = version.Parent is null || _options.Value.Watch.Period == TimeSpan.Zero ? null : _time.GetUtcNow();
        // What was reported of it in an earlier time of service does not count in this one.
        _windows.Remove(version.Id);
        if (_since is not null)
            GateLog.WatchBegun(_logger, version.Label, _options.Value.Watch.Period);
    }

    private async ValueTask CountAsync(string version, double score)
    {
        if (_current is not { } current || (version != current.Id && version != current.Parent))
            return;
        if (!_windows.TryGetValue(version, out var window))
            _windows.Add(version, window = new FeedbackWindow([]));
        window.Add(score, _options.Value.Watch.Window);
        _isDirty = true;
        _metrics.FeedbackCounted("report");
        if (version != current.Id || ++_seen % _options.Value.Watch.MinimumFeedback != 0)
            return;
        _isNews = true;
        if (!IsWatched() || _windows.GetValueOrDefault(current.Parent!) is not { } parent || parent.Count < _options.Value.Watch.MinimumFeedback)
            return;
        double probability = FallTest.Probability(parent, window, _options.Value.Watch.MaximumFall);
        await JudgeAsync(
            current, probability, _seen, Invariant($"scored {window.Mean:0.####} in {window.Count} reports, its parent {parent.Mean:0.####} in {parent.Count}")).ConfigureAwait(false);
    }

    private async ValueTask CompareAsync(Sample sample)
    {
        if (!IsWatched() || _current is not { } current || _comparer.Compare(_schema!, current, sample) is not { } pair)
            return;
        _pairs.Add(pair, _options.Value.Watch.Window);
        _isDirty = true;
        _metrics.FeedbackCounted("sample");
        if (++_compared % _options.Value.Watch.MinimumFeedback != 0)
            return;
        _isNews = true;
        var summary = _pairs.Summary;
        double probability = FallTest.Probability(_pairs, _options.Value.Watch.MaximumFall);
        await JudgeAsync(
            current, probability, _compared, Invariant($"scored {summary.Mean:0.####} on {summary.Count} samples that came in, its parent {summary.ParentMean:0.####}")).ConfigureAwait(false);
    }

    /// <summary>Rolls the version back if it is sure enough that it is worse. Both kinds of evidence may err half as often as is allowed in all.</summary>
    private async ValueTask JudgeAsync(ModelVersion version, double probability, long seen, string evidence)
    {
        var watch = _options.Value.Watch;
        long look = seen / watch.MinimumFeedback;
        double error = FallTest.ErrorOf((1 - watch.Confidence) / 2, look);
        if (probability > error)
            return;
        string reason = Invariant(
            $"rolled back by the watch: {version.Label} {evidence}; that it is worse by more than {watch.MaximumFall:0.####} is sure but for {probability:0.######}, {error:0.######} allowed at look {look}");
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
        (_since, _isNews, _isDirty) = (null, true, true);
        _comparer.Release();
        GateLog.WatchPassed(_logger, _current!.Label, _seen, _compared);
        return false;
    }

    private void Publish()
    {
        if (_current is not { } current)
            return;
        var own = Summary(current.Id);
        if (own.Count > 0)
            _metrics.FeedbackScored(own.Mean);
        bool isWatched = IsWatched();
        _takesSamples = isWatched && _options.Value.Watch.ScoreSamples;
        _monitor.Watched(
            new WatchReport(
                current.Id,
                isWatched ? _since + _options.Value.Watch.Period : null,
                own,
                current.Parent is null ? null : Summary(current.Parent),
                _pairs.Summary,
                _rolledBackFrom),
            _isNews);
        _isNews = false;

        FeedbackSummary Summary(string version) => _windows.GetValueOrDefault(version)?.Summary ?? new FeedbackSummary(0, double.NaN);
    }

    private void Save()
    {
        _saved = _time.GetTimestamp();
        foreach (string version in _windows.Keys.Where(version => version != _current!.Id && version != _current.Parent).ToList())
            _windows.Remove(version);
        var state = new WatchState(
            _current!.Id, _since, _seen, _compared, _rolledBackFrom,
            _windows.ToDictionary(static pair => pair.Key, static pair => (IReadOnlyList<double>)[.. pair.Value.Scores]), [.. _pairs.Pairs]);
        // What could not be written counts on in memory, and the next interval tries again.
        _isDirty = !_file.Write(state);
    }

    private abstract record Item;

    private sealed record Reported(string Version, double Score) : Item;

    private sealed record Labelled(Sample Sample, long Bytes) : Item;

    private sealed record Nudge : Item;
}
