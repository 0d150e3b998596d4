using System.Globalization;

namespace OrtAdaMomentum.Personalization;

/// <summary>What limits the harm that wrong labels can do in a run, before the gate looks at what came of it.</summary>
public sealed class RobustnessOptions
{
    /// <summary>
    /// How far the parameters may get from those of the version that the run starts from, as a share of their Euclidean norm (all trainable parameters
    /// together), greater than 0; null for no limit. Default: null.
    /// </summary>
    public double? MaximumUpdateNorm { get; set; }

    /// <summary>Euclidean norm of the gradient of all parameters above which it is scaled down to it, greater than 0; null for no limit. Default: null.</summary>
    public double? MaximumGradientNorm { get; set; }

    /// <summary>
    /// Share of the new samples that a run learns from, those with the least loss by the current version; the others are left out of it. Greater than 0
    /// and less than 1; null learns from all. Default: null.
    /// </summary>
    public double? TrimLossQuantile { get; set; }

    internal static void Check(List<string> problems, RobustnessOptions options)
    {
        void Above0(string name, double? value)
        {
            if (value is { } given && !(double.IsFinite(given) && (float)given > 0))
                problems.Add($"Robustness:{name} must be greater than 0, was {given.ToString(CultureInfo.InvariantCulture)}.");
        }

        Above0(nameof(MaximumUpdateNorm), options.MaximumUpdateNorm);
        Above0(nameof(MaximumGradientNorm), options.MaximumGradientNorm);
        if (options.TrimLossQuantile is { } share && share is not (> 0 and < 1))
            problems.Add($"Robustness:TrimLossQuantile must be greater than 0 and less than 1, was {share.ToString(CultureInfo.InvariantCulture)}.");
    }
}
