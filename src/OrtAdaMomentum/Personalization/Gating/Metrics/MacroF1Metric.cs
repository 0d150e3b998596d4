using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The mean of 2 TP / (2 TP + FP + FN) over the classes. Classes that are neither in the targets nor among the answers do not count.
/// </summary>
internal sealed class MacroF1Metric : IGateMetric
{
    public GateMetric Kind => GateMetric.MacroF1;

    public string Name => "macro-F1";

    public bool MoreIsBetter => true;

    public bool Suits(TargetKind target) => GateMetrics.IsAboutClasses(target);

    public MetricOver? Prepare(SampleScores scores)
    {
        ClassTally[][] tallies = [.. scores.Samples.Select(static sample => sample.Classes.ToArray())];
        int classes = tallies.SelectMany(static tally => tally).Select(static tally => tally.Class + 1).DefaultIfEmpty().Max();
        if (classes == 0)
            return null;
        // Used again for every resample; one metric is asked by one thread.
        long[] right = new long[classes], occurring = new long[classes];
        return counts =>
        {
            Array.Clear(right);
            Array.Clear(occurring);
            for (int sample = 0; sample < tallies.Length; sample++)
            {
                foreach (var tally in tallies[sample])
                {
                    right[tally.Class] += (long)counts[sample] * tally.Right;
                    occurring[tally.Class] += (long)counts[sample] * (tally.Labelled + tally.Answered);
                }
            }

            double sum = 0;
            int counted = 0;
            for (int place = 0; place < classes; place++)
            {
                if (occurring[place] == 0)
                    continue;
                sum += 2.0 * right[place] / occurring[place];
                counted++;
            }

            return sum / counted;
        };
    }
}
