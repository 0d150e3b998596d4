using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The area under the receiver operating characteristic: the probability that a positive sample is ranked above a negative one, ties counting
/// half (Hanley and McNeil 1982). With several columns the mean over those that have both kinds.
/// </summary>
internal sealed class AucMetric : IGateMetric
{
    public GateMetric Kind => GateMetric.Auc;

    public string Name => "AUC";

    public bool MoreIsBetter => true;

    public bool Suits(TargetKind target) => GateMetrics.IsAboutClasses(target);

    public MetricOver? Prepare(SampleScores scores)
    {
        if (scores.Probabilities is not { } probabilities)
            return null;
        // Two classes are each other's rest, so one column tells all.
        int first = probabilities.Columns == 2 && IsComplement(probabilities) ? 1 : 0;
        int[] places = new int[probabilities.Samples];
        ClassRanking[] rankings =
        [
            .. Enumerable.Range(first, probabilities.Columns - first).Select(column => ClassRanking.Of(probabilities, column, places)).OfType<ClassRanking>(),
        ];
        // Used again for every resample; one metric is asked by one thread.
        long[] sums = new long[rankings.Select(static ranking => ranking.Buckets).DefaultIfEmpty().Max()];
        return counts =>
        {
            long total = 0;
            foreach (int count in counts)
                total += count;
            double sum = 0;
            int defined = 0;
            foreach (var ranking in rankings)
            {
                double area = ranking.Area(counts, total, sums);
                if (double.IsNaN(area))
                    continue;
                sum += area;
                defined++;
            }

            return sum / defined;
        };
    }

    private static bool IsComplement(ClassProbabilities probabilities) =>
        Enumerable.Range(0, probabilities.Samples).All(sample => probabilities.IsTrue(sample, 0) != probabilities.IsTrue(sample, 1));
}
