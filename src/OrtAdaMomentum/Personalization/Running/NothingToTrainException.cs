namespace OrtAdaMomentum.Personalization;

/// <summary>A run was asked for that has no samples. Nothing is wrong with the service then.</summary>
internal sealed class NothingToTrainException() : FineTuningException("There are no samples to train on.");
