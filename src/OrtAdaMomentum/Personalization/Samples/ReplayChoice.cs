using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>Chooses which old samples are trained on again.</summary>
internal static class ReplayChoice
{
    /// <summary>An old sample: its place in the order of arrival, and its class where it has one.</summary>
    internal readonly record struct Candidate(long Id, long? Class);

    /// <summary>The ids of those that are chosen, in order.</summary>
    /// <param name="old">Old samples in the order of their arrival.</param>
    /// <param name="fresh">Classes of the new samples, which are trained on in any case.</param>
    /// <param name="selection">How many, and which.</param>
    public static IReadOnlyList<long> Choose(IReadOnlyList<Candidate> old, IEnumerable<long?> fresh, SampleSelection selection)
    {
        if (old.Count <= selection.MaximumOld)
            return [.. old.Select(static sample => sample.Id)];
        var random = new SplitMix64(selection.Seed);
        List<long> chosen = selection.Strategy switch
        {
            ReplayStrategy.Reservoir => Draw(old, selection.MaximumOld, ref random),
            ReplayStrategy.ClassBalanced => Balance(old, fresh, selection.MaximumOld, ref random),
            _ => [.. old.TakeLast(selection.MaximumOld).Select(static sample => sample.Id)],
        };
        chosen.Sort();
        return chosen;
    }

    /// <summary>Each with the same probability: algorithm R of Vitter, Random sampling with a reservoir (1985).</summary>
    private static List<long> Draw(IReadOnlyList<Candidate> samples, int count, ref SplitMix64 random)
    {
        var drawn = new List<long>(Math.Min(count, samples.Count));
        for (int index = 0; index < samples.Count; index++)
        {
            if (index < count)
            {
                drawn.Add(samples[index].Id);
                continue;
            }

            int place = random.Below((uint)index + 1);
            if (place < count)
                drawn[place] = samples[index].Id;
        }

        return drawn;
    }

    private static List<long> Balance(IReadOnlyList<Candidate> old, IEnumerable<long?> fresh, int count, ref SplitMix64 random)
    {
        var freshCounts = fresh.CountBy(static label => Name(label)).ToDictionary();
        // In the order of classes, so that the draws are the same each time.
        var classes = old.GroupBy(static sample => Name(sample.Class)).OrderBy(static group => group.Key)
            .Select(group => (Samples: group.ToList(), Fresh: freshCounts.GetValueOrDefault(group.Key))).ToList();
        int level = Level(classes.ConvertAll(static one => (one.Samples.Count, one.Fresh)), count);
        int left = count - classes.Sum(one => Taken(one.Samples.Count, one.Fresh, level));
        var chosen = new List<long>(count);
        foreach (var (samples, had) in classes)
        {
            int taken = Taken(samples.Count, had, level);
            // What does not go round fills classes up to the next level.
            if (left > 0 && Taken(samples.Count, had, level + 1) > taken)
            {
                taken++;
                left--;
            }

            chosen.AddRange(Draw(samples, taken, ref random));
        }

        return chosen;
    }

    /// <summary>The highest number to which all classes can be filled up with at most so many old samples.</summary>
    private static int Level(List<(int Old, int Fresh)> classes, int count)
    {
        int low = 0, high = classes.Max(static one => one.Old + one.Fresh);
        while (low < high)
        {
            int middle = low + ((high - low + 1) / 2);
            if (classes.Sum(one => (long)Taken(one.Old, one.Fresh, middle)) <= count)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    private static int Taken(int old, int fresh, int level) => Math.Clamp(level - fresh, 0, old);

    // Samples without a class are one more class.
    private static (bool HasClass, long Class) Name(long? label) => (label.HasValue, label.GetValueOrDefault());
}
