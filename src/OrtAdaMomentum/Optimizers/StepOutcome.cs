namespace OrtAdaMomentum.Optimizers;

/// <summary>What one optimizer step did.</summary>
/// <param name="Applied">
/// Whether the parameters were updated. False when the gradients held a NaN or an infinity, or were too large for float arithmetic: then
/// nothing was touched and the step does not count.
/// </param>
/// <param name="GradientNorm">
/// Euclidean norm of all trained gradients, scaled but not clipped; NaN when the settings ask for neither the check nor clipping by norm.
/// </param>
/// <param name="SkippedSteps">How many steps this optimizer has skipped so far.</param>
public readonly record struct StepOutcome(bool Applied, double GradientNorm, long SkippedSteps);
