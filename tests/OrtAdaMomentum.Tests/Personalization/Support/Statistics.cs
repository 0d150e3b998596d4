namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>Tests of distributions. What is tested comes from fixed seeds, so they always give the same.</summary>
internal static class Statistics
{
    /// <summary>
    /// Pearson's chi-square test that all counts are of the same probability, at a level of one in a thousand. Counts of a choice without
    /// putting back vary less than those of independent draws, which only makes the test milder on it.
    /// </summary>
    public static void Uniform(IReadOnlyList<int> counts)
    {
        double expected = counts.Average();
        double statistic = counts.Sum(count => (count - expected) * (count - expected) / expected);
        Assert.True(statistic <= Quantile(counts.Count - 1), $"chi-square is {statistic:F1} of {counts.Count - 1} degrees, more than {Quantile(counts.Count - 1):F1}: {string.Join(' ', counts)}");
    }

    /// <summary>The 0.999 quantile by Wilson and Hilferty's approximation (1931).</summary>
    private static double Quantile(int degrees)
    {
        double width = 2.0 / (9 * degrees);
        return degrees * Math.Pow(1 - width + (3.0902 * Math.Sqrt(width)), 3);
    }
}
