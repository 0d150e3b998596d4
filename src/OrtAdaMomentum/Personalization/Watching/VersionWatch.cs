using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Storage;
using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Counts what is reported of answers, and rolls a version back that does worse than the one before it did. All counting is done by one loop, so that
/// nobody who reports waits.
/// </summary>
internal sealed class VersionWatch : IModelFeedback
{
    private const int LargestBacklog = 4096;

    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(10);

    private readonly CurrentOptions _options;
    private readonly ModelRegistry _registry;
    private readonly ModelServer _server;
    private readonly VersionSwitch _versions;
    private readonly FineTuningMetrics _metrics;
    private readonly FineTuningMonitor _monitor;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _path;
    private readonly Channel<Item> _items =
        Channel.CreateBounded<Item>(new BoundedChannelOptions(LargestBacklog) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    // Beside the reports, since none of these may be left out.
    private readonly ConcurrentQueue<(ModelVersion Version, string Cause)> _switches = new();
    private readonly Dictionary<string, FeedbackWindow> _windows = new(StringComparer.Ordinal);
    private SampleSchema? _schema;
    private ModelVersion? _current;
    private DateTimeOffset? _since;
    private string? _rolledBackFrom;
    private int _looks;
    private long _seen;
    private bool _isDirty;
    private bool _isNews = true;
    private long _saved;

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
        (_options, _registry, _server, _versions) = (options, registry, server, versions);
        (_metrics, _monitor, _time, _logger) = (metrics, monitor, time, logger);
        _path = Path.Combine(options.Value.DataDirectory, "watch.json");
        versions.Switched += (version, cause) =>
        {
            _switches.Enqueue((version, cause));
            _items.Writer.TryWrite(new WakeUp());
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
        var known = _registry.Find(version) ?? throw new FineTuningException($"There is no version '{version}'. Versions: {string.Join(", ", _registry.Versions)}.");
        _items.Writer.TryWrite(new Reported(known.Id, score));
    }

    /// <summary>Samples that have come in and that no version has learned from.</summary>
    public void Offer(IEnumerable<Sample> samples)
    {
        if (!_options.Value.Watch.ScoreSamples)
            return;
        foreach (var sample in samples)
        {
            if (sample.IsLabelled)
                _items.Writer.TryWrite(new Labelled(sample));
        }
    }

    /// <summary>Goes on where the process before ended.</summary>
    public void Open(SampleSchema schema, ModelVersion current)
    {
        _schema = schema;
        _current = current;
        _saved = _time.GetTimestamp();
        var state = Load();
        foreach (var (version, scores) in state?.Scores ?? new Dictionary<string, IReadOnlyList<double>>())
            _windows[version] = new FeedbackWindow(scores);
        if (state?.Version == current.Id)
            (_since, _looks, _seen, _rolledBackFrom) = (state.Since, state.Looks, state.Seen, state.RolledBackFrom);
        else if (state is not null && current.Parent == state.Version)
            Begin(current); // promoted by a process that ended before it could write that down
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
                if (Score(labelled.Sample) is { } result)
                    await CountAsync(result.Version, result.Score).ConfigureAwait(false);
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
            (_current, _since) = (version, null);
        _isNews = true;
        Save();
    }

    private void Begin(ModelVersion version)
    {
        (_current, _looks, _seen) = (version, 0, 0);
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
        _metrics.FeedbackCounted();
        if (version != current.Id)
            return;
        _metrics.FeedbackScored(window.Mean);
        if (++_seen % _options.Value.Watch.MinimumFeedback != 0)
            return;
        _isNews = true;
        if (IsWatched())
            await LookAsync(current, window).ConfigureAwait(false);
    }

    private bool IsWatched()
    {
        if (_since is not { } since)
            return false;
        if (_time.GetUtcNow() < since + _options.Value.Watch.Period)
            return true;
        (_since, _isNews, _isDirty) = (null, true, true);
        GateLog.WatchPassed(_logger, _current!.Label, _seen);
        return false;
    }

    private async ValueTask LookAsync(ModelVersion version, FeedbackWindow window)
    {
        var watch = _options.Value.Watch;
        if (_windows.GetValueOrDefault(version.Parent!) is not { } parent || parent.Count < watch.MinimumFeedback)
            return;
        _looks++;
        double probability = FallTest.Probability(parent, window, watch.MaximumFall), error = FallTest.ErrorOf(1 - watch.Confidence, _looks);
        if (probability > error)
            return;

        string reason = Invariant(
            $"rolled back by the watch: {version.Label} scored {window.Mean:0.####} in {window.Count} reports, its parent {parent.Mean:0.####} in {parent.Count}; that it is worse by more than {watch.MaximumFall:0.####} is sure but for {probability:0.######}, {error:0.######} allowed at look {_looks}");
        try
        {
            _rolledBackFrom = version.Id;
            if (await _versions.RollBackFromAsync(version.Id, reason, CancellationToken.None).ConfigureAwait(false))
                GateLog.WatchRolledBack(_logger, reason);
        }
        catch (FineTuningException error2)
        {
            // The next look tries again.
            GateLog.WatchCouldNotRollBack(_logger, error2, version.Label);
        }
    }

    private (string Version, double Score)? Score(Sample sample)
    {
        try
        {
            using var lease = _server.Acquire();
            var output = Predictor.Answer(lease.Session, sample.Inputs);
            return AnswerScore.Of(_schema!, output, sample.Target!) is { } score ? (lease.Version.Id, score) : null;
        }
        catch (Exception error) when (error is OnnxRuntimeException or FineTuningException or InvalidOperationException)
        {
            GateLog.SampleNotScored(_logger, error);
            return null;
        }
    }

    private void Publish()
    {
        if (_current is not { } current)
            return;
        var until = IsWatched() ? _since + _options.Value.Watch.Period : null;
        var parent = current.Parent is null ? null : Summary(current.Parent);
        _monitor.Watched(new WatchReport(current.Id, until, Summary(current.Id), parent, _rolledBackFrom), _isNews);
        _isNews = false;

        FeedbackSummary Summary(string version) => _windows.GetValueOrDefault(version)?.Summary ?? new FeedbackSummary(0, double.NaN);
    }

    private void Save()
    {
        _saved = _time.GetTimestamp();
        foreach (string version in _windows.Keys.Where(version => version != _current!.Id && version != _current.Parent).ToList())
            _windows.Remove(version);
        var state = new WatchState(
            _current!.Id, _since, _looks, _seen, _rolledBackFrom,
            _windows.ToDictionary(static pair => pair.Key, static pair => (IReadOnlyList<double>)[.. pair.Value.Scores]));
        try
        {
            AtomicFile.WriteAllBytes(_path, JsonSerializer.SerializeToUtf8Bytes(state, PersonalizationJson.Default.WatchState));
            _isDirty = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next interval tries again; what is in memory counts on.
            GateLog.WatchNotSaved(_logger, error, _path);
        }
    }

    private WatchState? Load()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), PersonalizationJson.Default.WatchState) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            GateLog.WatchNotRead(_logger, error, _path);
            return null;
        }
    }

    private abstract record Item;

    private sealed record Reported(string Version, double Score) : Item;

    private sealed record Labelled(Sample Sample) : Item;

    private sealed record WakeUp : Item;
}
