namespace OrtAdaMomentum.Personalization;

/// <summary>Measures by how much a candidate is better than the current version on one set of samples.</summary>
internal static class ModelComparison
{
    /// <summary>Compares; null where the scores do not have the metric, or not of the same samples.</summary>
    /// <param name="current">Scores of the current version.</param>
    /// <param name="candidate">Scores of the candidate.</param>
    /// <param name="options">The metric.</param>
    /// <param name="subjects">The subject of each sample, null for one without; null where none has one.</param>
    /// <param name="withInterval">Whether to resample.</param>
    public static GateComparison? Compare(
        SampleScores current, SampleScores candidate, GateOptions options, IReadOnlyList<string?>? subjects, bool withInterval)
    {
        var metric = GateMetrics.Of(options.Metric);
        int samples = candidate.Samples.Count;
        if (current.Samples.Count != samples || metric.Prepare(current) is not { } ofCurrent || metric.Prepare(candidate) is not { } ofCandidate)
            return null;

        int[] once = [.. Enumerable.Repeat(1, samples)];
        double currentValue = ofCurrent(once), candidateValue = ofCandidate(once);
        int[] groups = SampleGroups.Of(samples, subjects);
        double Gain(double before, double after) => metric.MoreIsBetter ? after - before : before - after;
        return new GateComparison(options.Metric, samples, groups.Distinct().Count(), currentValue, candidateValue, Gain(currentValue, candidateValue))
        {
            Interval = withInterval
                ? PairedBootstrap.Resample(counts => Gain(ofCurrent(counts), ofCandidate(counts)), groups, options.Resamples, options.Confidence)
                : null,
            Classes = Classes(current, candidate),
        };
    }

    private static List<ClassComparison> Classes(SampleScores current, SampleScores candidate)
    {
        var before = Found(current);
        return
        [
            .. Found(candidate)
                .Where(found => found.Value.Labels > 0 && before.ContainsKey(found.Key))
                .Select(found => new ClassComparison(
                    found.Key, found.Value.Labels, (double)before[found.Key].Right / found.Value.Labels, (double)found.Value.Right / found.Value.Labels)),
        ];
    }

    private static SortedDictionary<int, (int Labels, int Right)> Found(SampleScores scores)
    {
        var found = new SortedDictionary<int, (int Labels, int Right)>();
        foreach (var tally in scores.Samples.SelectMany(static sample => sample.Classes))
        {
            var (labels, right) = found.GetValueOrDefault(tally.Class);
            found[tally.Class] = (labels + tally.Labelled, right + tally.Right);
        }

        return found;
    }
}
