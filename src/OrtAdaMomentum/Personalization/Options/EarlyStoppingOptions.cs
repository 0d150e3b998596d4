using OrtAdaMomentum.Training;
using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>When a run ends before its last epoch. Whatever is set, the epoch with the least loss on the samples that choose is the one that is taken.</summary>
public sealed class EarlyStoppingOptions
{
    /// <summary>Epochs in a row without an improvement after which a run ends; 0 goes through all epochs and takes the last. Default: 3.</summary>
    public int Patience { get; set; } = 3;

    /// <summary>By how much, at least, the loss has to fall to count as an improvement, 0 or more. Default: 0.</summary>
    public double MinimumImprovement { get; set; }

    /// <summary>
    /// Share of the held-out samples that choose the epoch, greater than 0 and less than 1. The gate measures on the others, so that a candidate is not
    /// judged by the samples that it was chosen by. Default: 0.25.
    /// </summary>
    public double ChoosingShare { get; set; } = 0.25;

    internal EarlyStopping? ToPlan() => Patience == 0 ? null : new EarlyStopping(Patience, MinimumImprovement);

    internal static void Check(List<string> problems, EarlyStoppingOptions options)
    {
        if (options.Patience < 0)
            problems.Add($"EarlyStopping:Patience must be at least 0, was {options.Patience}.");
        if (!(double.IsFinite(options.MinimumImprovement) && options.MinimumImprovement >= 0))
            problems.Add(Invariant($"EarlyStopping:MinimumImprovement must be at least 0, was {options.MinimumImprovement}."));
        if (options.ChoosingShare is not (> 0 and < 1))
            problems.Add(Invariant($"EarlyStopping:ChoosingShare must be greater than 0 and less than 1, was {options.ChoosingShare}."));
    }
}
