using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrtAdaMomentum.Storage;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Compares the latest requests with the first ones that the served version was asked. The reference starts anew with every version, because a version
/// that was trained on what has changed is at home there.
/// </summary>
internal sealed class DriftMonitor(
    CurrentOptions options, FineTuningMetrics metrics, TimeProvider time, ILogger<DriftMonitor> logger, Action<string, ReadOnlyMemory<byte>>? write = null)
{
    private readonly string _path = Path.Combine(options.Value.DataDirectory, "drift.json");
    private readonly Action<string, ReadOnlyMemory<byte>> _write = write ?? AtomicFile.WriteAllBytes;
    private readonly Lock _lock = new();
    private Dictionary<string, DriftFeature> _features = new(StringComparer.Ordinal);
    private volatile SampleSchema? _schema;
    private string? _version;
    private int _sinceReport;
    private DriftReport? _report;
    private DriftReference? _kept;
    private Task _saving = Task.CompletedTask;

    /// <summary>The latest comparison; null before there were enough requests.</summary>
    public DriftReport? Latest => Volatile.Read(ref _report);

    /// <summary>Begins to measure, with the reference that the process before kept.</summary>
    public void Open(SampleSchema schema)
    {
        var kept = Load();
        lock (_lock)
            _kept = kept;
        _schema = schema;
    }

    /// <summary>Requests from now on are made to this version; they are compared with the reference that is kept, where it is of the same one.</summary>
    public void Serve(ModelVersion version)
    {
        lock (_lock)
        {
            if (_version == version.Id)
                return;
            _version = version.Id;
            _features = new(StringComparer.Ordinal);
            _sinceReport = 0;
            Volatile.Write(ref _report, null);
            if (_kept?.Version != version.Id)
                return;
            foreach (var (name, distribution) in _kept.Features)
                Feature(name).Use(distribution);
        }
    }

    /// <summary>Takes in a request of a single sample and its answer.</summary>
    public void Observe(IReadOnlyDictionary<string, SampleTensor> inputs, Prediction prediction)
    {
        if (_schema is not { } schema)
            return;
        // Before the lock: requests that are answered at the same time must not wait for each other's sums.
        (string Name, double Value)[] features = [.. RequestFeatures.Of(inputs, prediction.Outputs[schema.Output], schema)];
        lock (_lock)
        {
            if (prediction.Version.Id != _version)
                return;
            bool hasReference = false, isFull = true;
            foreach (var (name, value) in features)
            {
                var feature = Feature(name);
                hasReference |= feature.Add(value);
                isFull &= feature is { Reference: not null, IsFull: true };
            }

            if (hasReference)
                SaveLater();
            if (isFull && _features.Count > 0 && ++_sinceReport >= options.Value.Drift.WindowCount / 10)
                Report();
        }
    }

    private DriftFeature Feature(string name)
    {
        if (!_features.TryGetValue(name, out var feature))
            _features.Add(name, feature = new DriftFeature(options.Value.Drift.ReferenceCount, options.Value.Drift.WindowCount));
        return feature;
    }

    private void Report()
    {
        _sinceReport = 0;
        double threshold = options.Value.Drift.Threshold;
        var features = new List<FeatureDrift>();
        foreach (var (name, feature) in _features)
        {
            double index = feature.Index;
            features.Add(new FeatureDrift(name, index, index >= threshold));
            metrics.Drifted(name, index);
        }

        bool was = _report?.IsDrifting ?? false;
        var report = new DriftReport(time.GetUtcNow(), _version!, features);
        Volatile.Write(ref _report, report);
        if (report.IsDrifting && !was)
            Log.DriftBegan(logger, string.Join(", ", features.Where(static feature => feature.IsDrifting).Select(static feature => feature.Name)), threshold);
        else if (was && !report.IsDrifting)
            Log.DriftEnded(logger);
    }

    /// <summary>Waits until what there is to keep is on the disk.</summary>
    public void Flush()
    {
        Task saving;
        lock (_lock)
            saving = _saving;
        saving.GetAwaiter().GetResult();
    }

    /// <summary>Keeps the reference, one write after the other, on a thread that no request waits for.</summary>
    private void SaveLater()
    {
        var whole = _features.Where(static pair => pair.Value.Reference is not null).ToDictionary(static pair => pair.Key, static pair => pair.Value.Reference!);
        var reference = _kept = new DriftReference(_version!, whole);
        _saving = _saving.ContinueWith(_ => Save(reference), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Save(DriftReference reference)
    {
        try
        {
            _write(_path, JsonSerializer.SerializeToUtf8Bytes(reference, PersonalizationJson.Default.DriftReference));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A request must not fail for it; the next process gathers a new reference.
            Log.DriftReferenceLost(logger, error, _path);
        }
    }

    private DriftReference? Load()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), PersonalizationJson.Default.DriftReference) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            Log.DriftReferenceLost(logger, error, _path);
            return null;
        }
    }
}
