namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>The digits of a run. No digit is in two of the sets.</summary>
/// <param name="Handwriting">What the person writes, and the service learns from.</param>
/// <param name="MeasuredNew">The same people's digits that only the final table is measured on.</param>
/// <param name="Rehearsal">Old digits mixed into training, so that they are not forgotten.</param>
/// <param name="Golden">Old digits on which the gate lets no candidate fall behind.</param>
/// <param name="MeasuredOld">Old digits that only the final table is measured on.</param>
internal sealed record DigitSets(DigitSet Handwriting, DigitSet MeasuredNew, DigitSet Rehearsal, DigitSet Golden, DigitSet MeasuredOld)
{
    public static DigitSets Load(string folder)
    {
        var old = DigitSet.Load(folder, "mnist-heldout");
        int half = old.Count / 2;
        return new DigitSets(
            DigitSet.Load(folder, "optdigits-tune"),
            DigitSet.Load(folder, "optdigits-heldout"),
            DigitSet.Load(folder, "mnist-rehearsal"),
            old.Part(..half),
            old.Part(half..));
    }
}
