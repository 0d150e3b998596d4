namespace OrtAdaMomentum.Personalization;

/// <summary>Numbers the groups of samples that belong together.</summary>
internal static class SampleGroups
{
    /// <summary>The group of each sample: one for all of a subject, one of its own for a sample without subject.</summary>
    public static int[] Of(int samples, IReadOnlyList<string?>? subjects)
    {
        if (subjects is not null && subjects.Count != samples)
            throw new ArgumentException($"There are {samples} samples, but {subjects.Count} subjects.", nameof(subjects));
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var groups = new int[samples];
        int next = 0;
        for (int sample = 0; sample < samples; sample++)
        {
            if (subjects?[sample] is not { } subject)
                groups[sample] = next++;
            else if (known.TryGetValue(subject, out int group))
                groups[sample] = group;
            else
                known.Add(subject, groups[sample] = next++);
        }

        return groups;
    }
}
