using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>What a model version reached.</summary>
/// <param name="HeldOut">On the ingested samples that are held out; null when there are none.</param>
/// <param name="Golden">On the golden samples; null when the host supplies none.</param>
public sealed record ModelScores(Evaluation? HeldOut, Evaluation? Golden);
