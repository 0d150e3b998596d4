using System.Collections;

namespace OrtAdaMomentum.Personalization;

/// <summary>Some of a list of samples, in an order; the samples themselves are asked of the list, which may read them only then.</summary>
internal sealed class PickedSamples(IReadOnlyList<Sample> samples, int[] places) : IReadOnlyList<Sample>
{
    public int Count => places.Length;

    public Sample this[int index] => samples[places[index]];

    /// <summary>Those that meet a condition, and the others; each sample is looked at once.</summary>
    public static (IReadOnlyList<Sample> Picked, IReadOnlyList<Sample> Others) Split(IReadOnlyList<Sample> samples, Func<Sample, bool> picks)
    {
        List<int> picked = [], others = [];
        int place = 0;
        foreach (var sample in samples)
            (picks(sample) ? picked : others).Add(place++);
        return others.Count == 0 ? (samples, []) : (new PickedSamples(samples, [.. picked]), new PickedSamples(samples, [.. others]));
    }

    public IEnumerator<Sample> GetEnumerator()
    {
        foreach (int place in places)
            yield return samples[place];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
