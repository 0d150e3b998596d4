namespace OrtAdaMomentum.Personalization;

/// <summary>A model measured sample by sample, so that it can be compared with another on the same samples.</summary>
/// <param name="HeldOut">On the ingested samples that are held out; null when there are none.</param>
/// <param name="Golden">On the golden samples; null when the host supplies none.</param>
public sealed record MeasuredModel(SampleScores? HeldOut, SampleScores? Golden)
{
    /// <summary>The means.</summary>
    public ModelScores Summary => new(HeldOut?.Summary, Golden?.Summary);
}
