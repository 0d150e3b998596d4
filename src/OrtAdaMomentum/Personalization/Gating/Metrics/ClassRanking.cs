namespace OrtAdaMomentum.Personalization;

/// <summary>
/// How one column ranks the samples, arranged so that its area over a choice of samples is had by looking at few of them. Between the values that positives
/// have, the order of negatives does not matter, so they lie in buckets, and of the greatest bucket the sum is known from the others: where a model ranks
/// most negatives below all positives, as a good one does, hardly any is looked at.
/// </summary>
internal sealed class ClassRanking
{
    private readonly int[] _positives;
    private readonly int[] _negatives;
    private readonly int[] _positiveEnds;
    private readonly int[] _negativeEnds;
    private readonly int _greatest;

    private ClassRanking(int[] positives, int[] positiveEnds, int[] negatives, int[] negativeEnds, int greatest) =>
        (_positives, _positiveEnds, _negatives, _negativeEnds, _greatest) = (positives, positiveEnds, negatives, negativeEnds, greatest);

    /// <summary>The number of buckets: below, at and between the values that positives have, and above.</summary>
    public int Buckets => _negativeEnds.Length;

    /// <summary>How many samples are looked at for one choice.</summary>
    public int Visits => _positives.Length + _negatives.Length;

    /// <summary>The ranking of a column; null where it has no positive or no negative, so that no choice has an area. Sorts its positives once.</summary>
    /// <param name="probabilities">The probabilities of all columns.</param>
    /// <param name="column">The column.</param>
    /// <param name="places">Room for a number per sample, to be used again.</param>
    public static ClassRanking? Of(ClassProbabilities probabilities, int column, int[] places)
    {
        int[] positives = [.. Enumerable.Range(0, probabilities.Samples).Where(sample => probabilities.IsTrue(sample, column))];
        if (positives.Length == 0 || positives.Length == probabilities.Samples)
            return null;
        float[] values = [.. positives.Select(sample => probabilities.Of(sample, column))];
        Array.Sort(values, positives);
        var (distinct, positiveEnds) = Distinct(values);

        // A counting sort by bucket: even ones lie between two values, odd ones at one.
        int[] ends = new int[2 * distinct.Length + 1];
        for (int sample = 0; sample < places.Length; sample++)
        {
            if (probabilities.IsTrue(sample, column))
            {
                places[sample] = -1;
                continue;
            }

            int found = Array.BinarySearch(distinct, probabilities.Of(sample, column));
            int bucket = found >= 0 ? 2 * found + 1 : 2 * ~found;
            places[sample] = bucket;
            ends[bucket]++;
        }

        int greatest = Array.IndexOf(ends, ends.Max());
        int listed = 0;
        for (int bucket = 0; bucket < ends.Length; bucket++)
        {
            int size = bucket == greatest ? 0 : ends[bucket];
            ends[bucket] = listed;
            listed += size;
        }

        int[] negatives = new int[listed];
        for (int sample = 0; sample < places.Length; sample++)
        {
            if (places[sample] >= 0 && places[sample] != greatest)
                negatives[ends[places[sample]]++] = sample;
        }

        return new ClassRanking(positives, positiveEnds, negatives, ends, greatest);
    }

    /// <summary>The area over a choice of samples; NaN where it has no positives or no negatives.</summary>
    /// <param name="counts">How often each sample is taken.</param>
    /// <param name="total">The sum of <paramref name="counts"/>.</param>
    /// <param name="sums">Room for a number per bucket.</param>
    public double Area(ReadOnlySpan<int> counts, long total, Span<long> sums)
    {
        long positives = Sum(counts, _positives);
        long negatives = total - positives;
        if (positives == 0 || negatives == 0)
            return double.NaN;
        long others = 0;
        for (int bucket = 0, start = 0; bucket < _negativeEnds.Length; start = _negativeEnds[bucket++])
            others += sums[bucket] = Sum(counts, _negatives.AsSpan(start, _negativeEnds[bucket] - start));
        sums[_greatest] = negatives - others;

        long below = 0, halves = 0;
        for (int value = 0, start = 0; value < _positiveEnds.Length; start = _positiveEnds[value++])
        {
            long tied = Sum(counts, _positives.AsSpan(start, _positiveEnds[value] - start)), negativesTied = sums[2 * value + 1];
            below += sums[2 * value];
            halves += tied * (2 * below + negativesTied);
            below += negativesTied;
        }

        return halves / (2.0 * positives * negatives);
    }

    private static long Sum(ReadOnlySpan<int> counts, ReadOnlySpan<int> samples)
    {
        long sum = 0;
        foreach (int sample in samples)
            sum += counts[sample];
        return sum;
    }

    private static (float[] Values, int[] Ends) Distinct(float[] sorted)
    {
        var values = new List<float>(sorted.Length);
        var ends = new List<int>(sorted.Length);
        for (int place = 0; place < sorted.Length; place++)
        {
            if (place > 0 && sorted[place].Equals(sorted[place - 1]))
            {
                ends[^1] = place + 1;
                continue;
            }

            values.Add(sorted[place]);
            ends.Add(place + 1);
        }

        return ([.. values], [.. ends]);
    }
}
