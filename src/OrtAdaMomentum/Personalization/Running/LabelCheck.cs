namespace OrtAdaMomentum.Personalization;

/// <summary>
/// What the current version makes of the labels of a run. A label is suspect when its loss is higher than that of all but a hundredth of the golden
/// samples, whose labels are known to be right.
/// </summary>
/// <param name="Trusted">The new samples to learn from.</param>
/// <param name="SuspectShare">Share of the new samples with a suspect label, 0 to 1; null without golden samples.</param>
internal sealed record LabelCheck(IReadOnlyList<Sample> Trusted, double? SuspectShare)
{
    private const double SuspectQuantile = 0.99;

    // Enough to know the share within three hundredths; more would cost a run time that nobody asked for.
    private const int LargestCheck = 1000;

    /// <summary>Checks the labels, and leaves those with the greatest losses out where that is asked for.</summary>
    /// <param name="engine">Measures.</param>
    /// <param name="model">The current version.</param>
    /// <param name="samples">The new samples to learn from.</param>
    /// <param name="data">The schema, and the golden samples if there are any.</param>
    /// <param name="trim">Share of the samples to keep; null keeps all.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public static async Task<LabelCheck> RunAsync(
        ITrainingEngine engine, byte[] model, IReadOnlyList<Sample> samples, ModelData data, double? trim, CancellationToken cancellationToken)
    {
        if (trim is null && data.Golden is null)
            return new LabelCheck(samples, null);
        var chosen = trim is null ? Spread(samples) : samples;
        var scores = await engine.ScoreAsync(model, new SampleDataset(data.Schema, chosen), data.Golden, cancellationToken).ConfigureAwait(false);
        double[] losses = [.. scores.HeldOut!.Samples.Select(static sample => sample.Loss)];
        return new LabelCheck(
            trim is { } share ? Trim(samples, losses, share) : samples,
            scores.Golden is { } golden ? Suspect(losses, [.. golden.Samples.Select(static sample => sample.Loss).Order()]) : null);
    }

    private static IReadOnlyList<Sample> Spread(IReadOnlyList<Sample> samples) => samples.Count <= LargestCheck
        ? samples
        : new PickedSamples(samples, [.. Enumerable.Range(0, LargestCheck).Select(place => (int)((long)place * samples.Count / LargestCheck))]);

    /// <summary>Those with the least losses, in the order in which they were; of equal losses the earlier ones.</summary>
    private static PickedSamples Trim(IReadOnlyList<Sample> samples, double[] losses, double share)
    {
        int kept = Math.Max(1, (int)Math.Round(share * samples.Count));
        var order = Enumerable.Range(0, samples.Count).OrderBy(sample => double.IsNaN(losses[sample]) ? double.PositiveInfinity : losses[sample]);
        return new PickedSamples(samples, [.. order.Take(kept).Order()]);
    }

    private static double Suspect(double[] losses, double[] trusted)
    {
        double threshold = trusted[Math.Min(trusted.Length - 1, (int)(SuspectQuantile * trusted.Length))];
        return (double)losses.Count(loss => !(loss <= threshold)) / losses.Length;
    }
}
