namespace OrtAdaMomentum.Personalization;

/// <summary>Where the values of a feature lay at first: bounds between classes that held equal shares, as far as ties allow it.</summary>
/// <param name="Bounds">The bounds, ascending and different; a value on a bound belongs to the class below.</param>
/// <param name="Counts">How many values each class held; one more than bounds.</param>
internal sealed record ReferenceDistribution(IReadOnlyList<double> Bounds, IReadOnlyList<int> Counts)
{
    /// <summary>Classes of the population stability index; ten is what its usual bounds were found for.</summary>
    private const int Classes = 10;

    public static ReferenceDistribution Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var bounds = new List<double>();
        for (int bound = 1; bound < Classes; bound++)
        {
            double value = sorted[(sorted.Length - 1) * bound / Classes];
            if (bounds.Count == 0 || value > bounds[^1])
                bounds.Add(value);
        }

        var distribution = new ReferenceDistribution(bounds, new int[bounds.Count + 1]);
        int[] counts = new int[bounds.Count + 1];
        foreach (double value in sorted)
            counts[distribution.ClassOf(value)]++;
        return distribution with { Counts = counts };
    }

    public int ClassOf(double value)
    {
        int index = 0;
        while (index < Bounds.Count && !(value <= Bounds[index]))
            index++;
        return index;
    }

    /// <summary>
    /// The population stability index, the sum over classes of (q - p) ln(q / p) with the shares p before and q now (Siddiqi, Credit Risk
    /// Scorecards, 2006). Half a value is added to each class, so that an empty one gives no infinite index.
    /// </summary>
    public double IndexOf(ReadOnlySpan<int> counts)
    {
        double before = Counts.Sum() + (0.5 * Counts.Count), now = 0.5 * counts.Length, index = 0;
        foreach (int count in counts)
            now += count;
        for (int place = 0; place < counts.Length; place++)
        {
            double p = (Counts[place] + 0.5) / before, q = (counts[place] + 0.5) / now;
            index += (q - p) * Math.Log(q / p);
        }

        return index;
    }
}
