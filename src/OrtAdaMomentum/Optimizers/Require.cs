using System.Runtime.CompilerServices;

namespace OrtAdaMomentum.Optimizers;

/// <summary>Range checks of options, worded alike everywhere.</summary>
internal static class Require
{
    public static double NonNegative(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be finite and at least 0.");

    public static double Decay(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0 and below 1.");

    public static double AtLeast(double least, double value, string why, [CallerArgumentExpression(nameof(value))] string name = "") =>
        double.IsFinite(value) && value >= least
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be finite and at least {least:R}: {why}");
}
