namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Whether a version does worse than its parent did: Welch's test of two means (1947), one-sided, with the normal distribution, which at the tens of
/// reports that are required is near enough.
/// </summary>
internal static class FallTest
{
    /// <summary>
    /// The probability, at most, of seeing such a fall or a greater one if the version were worse by no more than <paramref name="allowed"/>.
    /// </summary>
    public static double Probability(FeedbackWindow parent, FeedbackWindow version, double allowed)
    {
        double fall = parent.Mean - version.Mean - allowed;
        double error = Math.Sqrt(parent.Variance / parent.Count + version.Variance / version.Count);
        if (error == 0)
            return fall > 0 ? 0 : 1;
        return UpperTail(fall / error);
    }

    /// <summary>
    /// The error that a look may have, so that all looks together have no more than <paramref name="error"/>: 1 / (k (k + 1)) sums to 1 (alpha spending, Lan
    /// and DeMets 1983). Whoever looks often enough sees everything once.
    /// </summary>
    /// <param name="error">The error of all.</param>
    /// <param name="look">Which look it is, from 1.</param>
    public static double ErrorOf(double error, int look) => error / ((double)look * (look + 1));

    /// <summary>Probability that a standard normal number is greater (Abramowitz and Stegun 26.2.17, error below 7.5e-8).</summary>
    internal static double UpperTail(double z)
    {
        if (z < 0)
            return 1 - UpperTail(-z);
        double t = 1 / (1 + 0.2316419 * z);
        double polynomial = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return polynomial * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
    }
}
