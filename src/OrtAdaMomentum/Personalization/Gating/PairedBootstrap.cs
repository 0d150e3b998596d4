using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The paired bootstrap (Efron and Tibshirani 1993, chapters 13 and 16; for comparing two systems on one test set Koehn 2004): both models are
/// measured on the same resamples, drawn with replacement. Where samples belong together, groups are drawn and then samples within each (the two-stage
/// bootstrap, Davison and Hinkley 1997, section 3.8): ten samples of one person are no ten witnesses, and a single group is not certain of itself.
/// </summary>
internal static class PairedBootstrap
{
    // Fixed: the same samples give the same decision.
    private const ulong Seed = 0x5EED_0B00;

    /// <summary>Resamples the gain of a candidate.</summary>
    /// <param name="gain">By how much the candidate is better over a choice of samples; NaN where that is not defined.</param>
    /// <param name="groups">The group of each sample, 0 up to the number of groups.</param>
    /// <param name="resamples">Number of resamples, 1 or more.</param>
    /// <param name="level">Share of the resamples that the interval holds, 0 to 1.</param>
    public static BootstrapInterval Resample(MetricOver gain, ReadOnlySpan<int> groups, int resamples, double level)
    {
        int groupCount = 0;
        foreach (int group in groups)
            groupCount = Math.Max(groupCount, group + 1);
        var members = Members(groups, groupCount);
        var random = new SplitMix64(Seed);
        int[] drawn = new int[groupCount], counts = new int[groups.Length];
        var gains = new double[resamples];
        int better = 0;
        for (int resample = 0; resample < resamples; resample++)
        {
            Array.Clear(drawn);
            for (int draw = 0; draw < groupCount; draw++)
                drawn[random.Below((uint)groupCount)]++;
            Array.Clear(counts);
            for (int group = 0; group < groupCount; group++)
                DrawWithin(members[group], drawn[group], counts, ref random);
            gains[resample] = gain(counts);
            // What is not defined speaks for no gain.
            better += gains[resample] > 0 ? 1 : 0;
        }

        double[] defined = [.. gains.Where(static value => !double.IsNaN(value)).Order()];
        return new BootstrapInterval(
            (double)better / resamples, Quantile(defined, (1 - level) / 2), Quantile(defined, (1 + level) / 2), level, resamples);
    }

    private static List<int>[] Members(ReadOnlySpan<int> groups, int groupCount)
    {
        var members = new List<int>[groupCount];
        for (int group = 0; group < groupCount; group++)
            members[group] = [];
        for (int sample = 0; sample < groups.Length; sample++)
            members[groups[sample]].Add(sample);
        return members;
    }

    /// <summary>Draws as many samples of a group as it has, for each time that the group was drawn.</summary>
    private static void DrawWithin(List<int> members, int times, int[] counts, ref SplitMix64 random)
    {
        if (members.Count == 1)
        {
            counts[members[0]] += times;
            return;
        }

        for (int draw = 0; draw < times * members.Count; draw++)
            counts[members[(int)random.Below((uint)members.Count)]]++;
    }

    private static double Quantile(double[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)(share * sorted.Length), 0, sorted.Length - 1)];
}
