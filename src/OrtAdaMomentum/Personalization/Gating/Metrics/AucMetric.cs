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
        Ranking[] rankings = [.. Enumerable.Range(first, probabilities.Columns - first).Select(column => new Ranking(probabilities, column))];
        return counts =>
        {
            double sum = 0;
            int defined = 0;
            foreach (var ranking in rankings)
            {
                double area = ranking.Area(counts);
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

    /// <summary>The samples by what one column gives them, lowest first, sorted once for all resamples.</summary>
    private sealed class Ranking
    {
        private readonly int[] _order;
        private readonly float[] _values;
        private readonly bool[] _isTrue;

        public Ranking(ClassProbabilities probabilities, int column)
        {
            _order = [.. Enumerable.Range(0, probabilities.Samples)];
            _values = [.. _order.Select(sample => probabilities.Of(sample, column))];
            _isTrue = [.. _order.Select(sample => probabilities.IsTrue(sample, column))];
            Array.Sort([.. _values], _order);
            _values = [.. _order.Select(sample => _values[sample])];
            _isTrue = [.. _order.Select(sample => _isTrue[sample])];
        }

        public double Area(ReadOnlySpan<int> counts)
        {
            long positives = 0, negatives = 0, halves = 0;
            for (int place = 0; place < _order.Length;)
            {
                long tiedPositives = 0, tiedNegatives = 0;
                float value = _values[place];
                for (; place < _order.Length && _values[place].Equals(value); place++)
                {
                    int count = counts[_order[place]];
                    if (_isTrue[place])
                        tiedPositives += count;
                    else
                        tiedNegatives += count;
                }

                halves += tiedPositives * (2 * negatives + tiedNegatives);
                positives += tiedPositives;
                negatives += tiedNegatives;
            }

            return positives == 0 || negatives == 0 ? double.NaN : halves / (2.0 * positives * negatives);
        }
    }
}
