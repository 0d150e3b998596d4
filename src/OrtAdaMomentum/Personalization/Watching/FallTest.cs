namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Whether a version does worse than its parent: one-sided tests of means, with the normal distribution, which at the tens of scores that are required is
/// near enough.
/// </summary>
internal static class FallTest
{
    /// <summary>
    /// Of scores on different occasions (Welch 1947): the probability, at most, of seeing such a fall or a greater one if the version were worse by no more
    /// than <paramref name="allowed"/>.
    /// </summary>
    public static double Probability(ScoreWindow<double> parent, ScoreWindow<double> version, double allowed)
    {
        var (before, own) = (MeanAndVariance([.. parent.Scores]), MeanAndVariance([.. version.Scores]));
        return Tail(before.Mean - own.Mean - allowed, Math.Sqrt(before.Variance / parent.Count + own.Variance / version.Count));
    }

    /// <summary>Of scores on the same samples, by their differences.</summary>
    public static double Probability(ScoreWindow<ScorePair> pairs, double allowed)
    {
        var (mean, variance) = MeanAndVariance([.. pairs.Scores.Select(static pair => pair.Fall)]);
        return Tail(mean - allowed, Math.Sqrt(variance / pairs.Count));
    }

    /// <summary>
    /// The error that a look may have, so that all looks together have no more than <paramref name="error"/>: 1 / (k (k + 1)) sums to 1 (alpha spending, Lan
    /// and DeMets 1983). Whoever looks often enough sees everything once.
    /// </summary>
    /// <param name="error">The error of all.</param>
    /// <param name="look">Which look it is, from 1.</param>
    public static double ErrorOf(double error, long look) => error / ((double)look * (look + 1));

    /// <summary>Probability that a standard normal number is greater (Abramowitz and Stegun 26.2.17, error below 7.5e-8).</summary>
    internal static double UpperTail(double z)
    {
        if (z < 0)
            return 1 - UpperTail(-z);
        double t = 1 / (1 + 0.2316419 * z);
        double polynomial = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return polynomial * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
    }

    /// <summary>Mean, and variance of one; of at least two.</summary>
    private static (double Mean, double Variance) MeanAndVariance(double[] scores)
    {
        double mean = scores.Average();
        return (mean, scores.Sum(score => (score - mean) * (score - mean)) / (scores.Length - 1));
    }

    private static double Tail(double fall, double error) => error > 0 ? UpperTail(fall / error) : fall > 0 ? 0 : 1;
}
