namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Something that has to be so for training to go on. Checked at every <see cref="TrainingConditionOptions.CheckInterval"/>, also while a run is
/// under way: training pauses when it is lost. Whether a run is worth while is for the <see cref="ITrainingTrigger"/>.
/// </summary>
public interface ITrainingCondition
{
    /// <summary>A short name, such as <c>idle</c>, by which reasons are told apart in logs and metrics.</summary>
    string Name { get; }

    /// <summary>
    /// Tells whether it is met now. One that throws, or takes longer than <see cref="TrainingConditionOptions.CheckTimeout"/>, counts as unknown.
    /// </summary>
    ValueTask<ConditionResult> CheckAsync(CancellationToken cancellationToken);
}
