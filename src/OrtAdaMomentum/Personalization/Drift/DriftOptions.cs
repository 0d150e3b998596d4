using System.Globalization;

namespace OrtAdaMomentum.Personalization;

/// <summary>How the drift of inputs and confidences is measured.</summary>
public sealed class DriftOptions
{
    /// <summary>Requests to a version, from its first on, that others are compared with. Default: 500.</summary>
    public int ReferenceCount { get; set; } = 500;

    /// <summary>Latest requests that are compared with them. Default: 500.</summary>
    public int WindowCount { get; set; } = 500;

    /// <summary>The population stability index from which on a feature counts as drifting. Default: 0.25, the usual bound of a major shift.</summary>
    public double Threshold { get; set; } = 0.25;

    internal static void Check(List<string> problems, DriftOptions? options)
    {
        if (options is null)
        {
            problems.Add("Drift must be given.");
            return;
        }

        // Fewer would show chance as drift: the index of ten classes is (10 - 1) * (1/N + 1/M) on average when nothing has changed.
        if (options.ReferenceCount is < 100 or > 1_000_000)
            problems.Add($"Drift:ReferenceCount must be 100 to 1000000, was {options.ReferenceCount}.");
        if (options.WindowCount is < 100 or > 1_000_000)
            problems.Add($"Drift:WindowCount must be 100 to 1000000, was {options.WindowCount}.");
        if (!(double.IsFinite(options.Threshold) && options.Threshold > 0))
            problems.Add($"Drift:Threshold must be greater than 0, was {options.Threshold.ToString(CultureInfo.InvariantCulture)}.");
    }
}
