using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>Counts evidence about the served version and its parent, and looks at it every time that enough has come in. For one thread at a time.</summary>
internal sealed class EvidenceCounter(CurrentOptions options, ModelRegistry registry, SampleComparer comparer, FineTuningMetrics metrics)
{
    public WatchEvidence Evidence { get; set; } = new();

    /// <summary>What samples look like.</summary>
    public SampleSchema? Schema { get; set; }

    /// <summary>Whether something was counted that is not saved yet.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Whether something was counted that is to be told.</summary>
    public bool IsNews { get; set; } = true;

    /// <summary>Counts what has come in.</summary>
    /// <param name="item">What.</param>
    /// <param name="current">The served version.</param>
    /// <param name="isWatched">Whether it is watched.</param>
    /// <returns>What a look at the evidence showed; null where it is no time for one, or not enough is known.</returns>
    public Finding? Count(WatchItem item, ModelVersion current, bool isWatched) => item switch
    {
        ReportedItem reported => Report(reported, current, isWatched),
        SampleItem labelled => Compare(labelled.Sample, current, isWatched),
        LabelItem label => Label(label.Corrected, current, isWatched),
        _ => null,
    };

    private Finding? Report(ReportedItem report, ModelVersion current, bool isWatched)
    {
        if (report.Version != current.Id && report.Version != current.Parent)
            return null;
        WatchEvidence.Of(Evidence.Reports, report.Version).Add(report.Score, options.Value.Watch.Window);
        Counted("report");
        if (report.Version != current.Id)
            return null;
        Evidence.Seen = Evidence.Seen with { Reports = Evidence.Seen.Reports + 1 };
        return Look(current, isWatched, Evidence.Reports, Evidence.Seen.Reports, "reports");
    }

    /// <summary>
    /// A label that comes later counts for or against the version that answered, and not by asking both: where only wrong answers are corrected, the one that
    /// answered is wrong on all of them, and whichever is asked beside it would seem better.
    /// </summary>
    private Finding? Label(CorrectedSample corrected, ModelVersion current, bool isWatched)
    {
        ulong mark = Evidence.MarkOf(corrected.Sample.Key);
        if (Evidence.Samples.Has(mark))
            return Compare(corrected.Sample, current, isWatched);
        string? counted = new[] { current.Id, current.Parent }.FirstOrDefault(version => version is not null && Evidence.Labels.GetValueOrDefault(version)?.Has(mark) == true);
        if (counted is null)
        {
            // What a run has learned from is no test of what came of it.
            if (corrected.WasUsed)
                return null;
            // Nobody's answer was corrected.
            if (corrected.AnsweredBy is null)
                return Compare(corrected.Sample, current, isWatched);
        }

        string? answered = counted ?? VersionOf(corrected.AnsweredBy!, current);
        if (answered is null || (answered != current.Id && !isWatched) || comparer.Score(Schema!, current, answered, corrected.Sample) is not { } score)
            return null;
        WatchEvidence.Of(Evidence.Labels, answered).Add(score, options.Value.Watch.Window, mark);
        IsDirty = true;
        if (counted is not null)
            return null;
        Counted("label");
        if (answered != current.Id)
            return null;
        Evidence.Seen = Evidence.Seen with { Labels = Evidence.Seen.Labels + 1 };
        return Look(current, isWatched, Evidence.Labels, Evidence.Seen.Labels, "labels that came later");
    }

    private Finding? Compare(Sample sample, ModelVersion current, bool isWatched)
    {
        if (!isWatched || comparer.Compare(Schema!, current, sample) is not { } pair)
            return null;
        ulong mark = Evidence.MarkOf(sample.Key);
        bool isKnown = Evidence.Samples.Has(mark);
        Evidence.Samples.Add(pair, options.Value.Watch.Window, mark);
        IsDirty = true;
        if (isKnown)
            return null;
        Counted("sample");
        Evidence.Seen = Evidence.Seen with { Samples = Evidence.Seen.Samples + 1 };
        if (!IsTime(Evidence.Seen.Samples))
            return null;
        var summary = Evidence.Samples.Summary();
        return new Finding(
            FallTest.Probability(Evidence.Samples, options.Value.Watch.MaximumFall), Evidence.Seen.Samples,
            Invariant($"scored {summary.Mean:0.####} on {summary.Count} samples that came in, its parent {summary.ParentMean:0.####}"));
    }

    private string? VersionOf(string label, ModelVersion current) =>
        label == current.Label ? current.Id : current.Parent is { } parent && registry.Find(parent)?.Label == label ? parent : null;

    private void Counted(string kind)
    {
        IsDirty = true;
        metrics.FeedbackCounted(kind);
    }

    private bool IsTime(long seen)
    {
        bool isTime = seen % options.Value.Watch.MinimumFeedback == 0;
        IsNews |= isTime;
        return isTime;
    }

    /// <summary>Compares the means of a version and its parent.</summary>
    private Finding? Look(ModelVersion current, bool isWatched, Dictionary<string, ScoreWindow<double>> windows, long seen, string what)
    {
        var watch = options.Value.Watch;
        if (!IsTime(seen) || !isWatched || windows.GetValueOrDefault(current.Parent!) is not { } parent || parent.Count < watch.MinimumFeedback)
            return null;
        var window = windows[current.Id];
        var (own, before) = (window.Summary(), parent.Summary());
        return new Finding(
            FallTest.Probability(parent, window, watch.MaximumFall), seen,
            Invariant($"scored {own.Mean:0.####} in {own.Count} {what}, its parent {before.Mean:0.####} in {before.Count}"));
    }
}

/// <summary>What a look at the evidence showed.</summary>
/// <param name="Probability">Probability, at most, of such evidence if the version were not worse than is allowed.</param>
/// <param name="Seen">How much evidence of the kind has come in.</param>
/// <param name="Evidence">The evidence, to read.</param>
internal readonly record struct Finding(double Probability, long Seen, string Evidence);
