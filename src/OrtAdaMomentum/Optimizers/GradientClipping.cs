namespace OrtAdaMomentum.Optimizers;

/// <summary>How gradients are limited before an optimizer uses them. The gradient buffer itself is never changed.</summary>
public sealed record GradientClipping
{
    private GradientClipping(double maximumNorm, double maximumValue)
    {
        MaximumNorm = maximumNorm;
        MaximumValue = maximumValue;
    }

    /// <summary>Gradients are used as they are.</summary>
    public static GradientClipping None { get; } = new(double.PositiveInfinity, double.PositiveInfinity);

    /// <summary>The largest Euclidean norm of all trained gradients together; infinite without a limit.</summary>
    public double MaximumNorm { get; }

    /// <summary>The largest magnitude of one gradient element; infinite without a limit.</summary>
    public double MaximumValue { get; }

    /// <summary>
    /// When the norm of all trained gradients together exceeds <paramref name="maximum"/>, they are multiplied by maximum / norm.
    /// </summary>
    /// <param name="maximum">The largest norm; finite and positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is not finite and positive.</exception>
    public static GradientClipping GlobalNorm(double maximum) => new(Check(maximum), double.PositiveInfinity);

    /// <summary>Each gradient element is limited to [-<paramref name="maximum"/>, <paramref name="maximum"/>].</summary>
    /// <param name="maximum">The largest magnitude; finite, positive, and positive as a float.</param>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is out of range.</exception>
    public static GradientClipping Value(double maximum) => new(double.PositiveInfinity, Check(maximum));

    private static double Check(double maximum) => double.IsFinite(maximum) && (float)maximum > 0
        ? maximum
        : throw new ArgumentOutOfRangeException(nameof(maximum), maximum, "A clipping limit is finite and positive.");
}
