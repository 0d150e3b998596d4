using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrtAdaMomentum.Personalization;

/// <summary>The instruments of the service for one model. Meter and activity source are both named <see cref="Name"/>.</summary>
public sealed class FineTuningMetrics : IDisposable
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "OrtAdaMomentum";

    /// <summary>Traces: <c>finetuning.run</c> with <c>finetuning.train</c>, <c>finetuning.evaluate</c> and <c>finetuning.promote</c> inside.</summary>
    internal static readonly ActivitySource Activities = new(Name);

    private readonly KeyValuePair<string, object?> _model;
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly Counter<long> _samplesIngested;
    private readonly Counter<long> _samplesDuplicate;
    private readonly Counter<long> _samplesRejected;
    private readonly Counter<long> _samplesCorrected;
    private readonly Gauge<int> _samplesStored;
    private readonly Counter<long> _storeFailures;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _runs;
    private readonly Counter<long> _promotions;
    private readonly Counter<long> _requests;
    private readonly Gauge<double> _loss;
    private readonly Gauge<double> _throughput;
    private readonly Gauge<double> _suspectLabels;
    private readonly Counter<long> _feedback;
    private readonly Gauge<double> _feedbackScore;
    private readonly Gauge<int> _version;
    private readonly Histogram<double> _runDuration;
    private readonly Histogram<double> _requestDuration;
    private readonly UpDownCounter<int> _sessions;
    private readonly Gauge<double> _drift;
    private readonly Gauge<int> _paused;
    private readonly Histogram<double> _pauseDuration;

    /// <summary>Makes the instruments; without a factory on a meter of their own.</summary>
    /// <param name="factory">Makes the meter.</param>
    /// <param name="model">Name of the model, the tag <c>model</c> of all measurements.</param>
    public FineTuningMetrics(IMeterFactory? factory = null, string model = FineTuningModel.DefaultName)
    {
        _model = new("model", model);
        _ownsMeter = factory is null;
        _meter = factory?.Create(Name) ?? new Meter(Name);
        _samplesIngested = _meter.CreateCounter<long>(
            "ortadamomentum.samples.ingested", "{sample}", "Samples that were stored and were new.");
        _samplesDuplicate = _meter.CreateCounter<long>(
            "ortadamomentum.samples.duplicate", "{sample}", "Samples whose key was stored already.");
        _samplesRejected = _meter.CreateCounter<long>("ortadamomentum.samples.rejected", "{sample}", "Samples that did not fit the model.");
        _samplesCorrected = _meter.CreateCounter<long>("ortadamomentum.samples.corrected", "{sample}", "Stored samples that were given a target.");
        _samplesStored = _meter.CreateGauge<int>(
            "ortadamomentum.samples.stored", "{sample}", "Samples in the store, by kind: training, held_out, unlabelled, damaged.");
        _storeFailures = _meter.CreateCounter<long>(
            "ortadamomentum.store.failures", "{failure}", "Uses of the store that failed, by problem.");
        _steps = _meter.CreateCounter<long>("ortadamomentum.training.steps", "{step}", "Optimizer steps.");
        _loss = _meter.CreateGauge<double>("ortadamomentum.training.loss", "1", "Loss of the latest step.");
        _throughput = _meter.CreateGauge<double>("ortadamomentum.training.throughput", "{sample}/s", "Samples trained on per second.");
        _paused = _meter.CreateGauge<int>("ortadamomentum.training.paused", "1", "1 while there is something to train that may not go on, or else 0.");
        _pauseDuration = _meter.CreateHistogram<double>(
            "ortadamomentum.training.pause.duration", "s", "Time for which training was held up, by the condition that was lost first.");
        _suspectLabels = _meter.CreateGauge<double>(
            "ortadamomentum.training.suspect_labels", "1", "Share of the new labels of the latest run that the version before it finds suspect.");
        _feedback = _meter.CreateCounter<long>("ortadamomentum.feedback", "{report}", "Evidence about the served version and its parent, by kind: report, label, sample.");
        _feedbackScore = _meter.CreateGauge<double>("ortadamomentum.feedback.score", "1", "Mean score of the latest reports about the served version.");
        _runs = _meter.CreateCounter<long>(
            "ortadamomentum.runs", "{run}", "Runs that ended, by outcome: promoted, kept_current, failed, interrupted.");
        _runDuration = _meter.CreateHistogram<double>(
            "ortadamomentum.run.duration", "s", "Time from the start of a run to its end, by outcome.");
        _promotions = _meter.CreateCounter<long>(
            "ortadamomentum.promotions", "{promotion}", "Changes of the current version, by cause: gate, manual, rollback, watch.");
        _requests = _meter.CreateCounter<long>(
            "ortadamomentum.model.requests", "{request}", "Predictions, by outcome: ok, invalid, error.");
        _requestDuration = _meter.CreateHistogram<double>(
            "ortadamomentum.model.request.duration", "s", "Time of a prediction, by outcome.");
        _version = _meter.CreateGauge<int>("ortadamomentum.model.version", "1", "Number of the version that is served.");
        _drift = _meter.CreateGauge<double>(
            "ortadamomentum.drift", "1", "Population stability index of the latest requests, by feature.");
        _sessions = _meter.CreateUpDownCounter<int>(
            "ortadamomentum.model.sessions", "{session}", "Runtime sessions that are open for serving.");
    }

    /// <summary>Disposes the meter if it is this object's own.</summary>
    public void Dispose()
    {
        if (_ownsMeter)
            _meter.Dispose();
    }

    internal void ObserveQueue(Func<int> length, Func<long> bytes)
    {
        _meter.CreateObservableUpDownCounter(
            "ortadamomentum.samples.waiting", () => new Measurement<int>(length(), _model), "{sample}", "Samples in the queue to the store.");
        _meter.CreateObservableUpDownCounter(
            "ortadamomentum.samples.waiting.size", () => new Measurement<long>(bytes(), _model), "By", "Bytes of samples in the queue and on their way into the store.");
    }

    internal void SamplesStored(int added, int duplicate)
    {
        if (added > 0)
            _samplesIngested.Add(added, _model);
        if (duplicate > 0)
            _samplesDuplicate.Add(duplicate, _model);
    }

    internal void SampleCorrected() => _samplesCorrected.Add(1, _model);

    internal void SamplesCounted(SampleCounts counts)
    {
        Record(counts.Training, "training");
        Record(counts.HeldOut, "held_out");
        Record(counts.Unlabelled, "unlabelled");
        Record(counts.Damaged, "damaged");

        void Record(int count, string kind) => _samplesStored.Record(count, _model, new("kind", kind));
    }

    internal void StoreFailed(SampleStoreProblem problem) => _storeFailures.Add(1, _model, new("problem", problem.ToString()));

    internal void SampleRejected() => _samplesRejected.Add(1, _model);

    internal void Step(double loss, double samplesPerSecond)
    {
        _steps.Add(1, _model);
        _loss.Record(loss, _model);
        _throughput.Record(samplesPerSecond, _model);
    }

    internal void Paused(bool isPaused) => _paused.Record(isPaused ? 1 : 0, _model);

    internal void PauseEnded(TimeSpan duration, string condition) =>
        _pauseDuration.Record(duration.TotalSeconds, _model, new KeyValuePair<string, object?>("condition", condition));

    internal void LabelsChecked(double? suspectShare)
    {
        if (suspectShare is { } share)
            _suspectLabels.Record(share, _model);
    }

    internal void FeedbackCounted(string kind) => _feedback.Add(1, _model, new KeyValuePair<string, object?>("kind", kind));

    internal void FeedbackScored(double mean) => _feedbackScore.Record(mean, _model);

    internal void RunEnded(string outcome, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>("outcome", outcome);
        _runs.Add(1, _model, tag);
        _runDuration.Record(duration.TotalSeconds, _model, tag);
    }

    internal void Promoted(string cause) => _promotions.Add(1, _model, new KeyValuePair<string, object?>("cause", cause));

    internal void Requested(string outcome, TimeSpan duration)
    {
        var tag = new KeyValuePair<string, object?>("outcome", outcome);
        _requests.Add(1, _model, tag);
        _requestDuration.Record(duration.TotalSeconds, _model, tag);
    }

    internal void Served(int version) => _version.Record(version, _model);

    internal void Drifted(string feature, double index) => _drift.Record(index, _model, new KeyValuePair<string, object?>("feature", feature));

    internal void SessionsChanged(int change) => _sessions.Add(change, _model);
}
