namespace OrtAdaMomentum.Training;

/// <summary>How well a model does on a dataset.</summary>
/// <param name="Loss">Mean loss.</param>
/// <param name="Accuracy">Share of right answers, 0 to 1; null where the target is no class.</param>
/// <param name="Count">Number of samples.</param>
public sealed record Evaluation(double Loss, double? Accuracy, int Count);
