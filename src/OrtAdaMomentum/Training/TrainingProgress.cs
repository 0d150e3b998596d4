namespace OrtAdaMomentum.Training;

/// <summary>Where training is after a step.</summary>
/// <param name="Epoch">The epoch that is running, from 1.</param>
/// <param name="Step">Steps done in all.</param>
/// <param name="TotalSteps">Steps planned in all.</param>
/// <param name="Loss">Mean loss of the step's samples, before the update.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="GradientNorm">Length of the gradient before clipping.</param>
/// <param name="Applied">Whether the step changed the parameters; one with gradients that are not finite does not.</param>
/// <param name="SamplesPerSecond">Samples trained per second since the start.</param>
/// <param name="Elapsed">Time since the start.</param>
/// <param name="Remaining">Time left at that pace.</param>
/// <param name="Validation">The evaluation after this step, if there was one.</param>
public sealed record TrainingProgress(
    int Epoch,
    int Step,
    int TotalSteps,
    double Loss,
    double LearningRate,
    double GradientNorm,
    bool Applied,
    double SamplesPerSecond,
    TimeSpan Elapsed,
    TimeSpan Remaining,
    Evaluation? Validation)
{
    /// <summary>
    /// Distance of the parameters from those that training began with, as a share of their Euclidean norm; null where it is not limited.
    /// </summary>
    public double? UpdateNorm { get; init; }
}
