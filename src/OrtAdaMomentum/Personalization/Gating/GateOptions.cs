using System.Globalization;
using OrtAdaMomentum.Losses;

namespace OrtAdaMomentum.Personalization;

/// <summary>When a candidate replaces the current version.</summary>
public sealed class GateOptions
{
    /// <summary>What is compared. Default: accuracy; choose another one where the target is no class.</summary>
    public GateMetric Metric { get; set; } = GateMetric.Accuracy;

    /// <summary>By how much, at least, the candidate has to be better on held-out samples. In units of the metric. Default: 0.005.</summary>
    public double MinimumGain { get; set; } = 0.005;

    /// <summary>How sure it has to be that there is a gain on held-out samples: share of the resamples that show one, 0 up to but without 1. Default: 0.95.</summary>
    public double Confidence { get; set; } = 0.95;

    /// <summary>Resamples of the held-out samples, 100 to 1,000,000. Default: 2000.</summary>
    public int Resamples { get; set; } = 2000;

    /// <summary>Held-out samples without which nothing is promoted, 1 or more. Default: 20.</summary>
    public int MinimumHeldOut { get; set; } = 20;

    /// <summary>By how much, at most, the candidate may be worse on golden samples. In units of the metric. Default: 0.01.</summary>
    public double MaximumLossOnOld { get; set; } = 0.01;

    /// <summary>
    /// By how much, at most, the share of a class's labels that is found may fall, on held-out and on golden samples, each; 1 allows any. 0 to 1.
    /// Default: 0.1.
    /// </summary>
    public double MaximumLossPerClass { get; set; } = 0.1;

    /// <summary>Labels of a class in a set without which its fall there is not looked at, 1 or more. Default: 30.</summary>
    public int MinimumPerClass { get; set; } = 30;

    internal static void Check(List<string> problems, GateOptions options, string loss)
    {
        void Require(bool isMet, string name, string bound, double seen)
        {
            if (!isMet)
                problems.Add($"Gate:{name} must be {bound}, was {seen.ToString(CultureInfo.InvariantCulture)}.");
        }

        Require(double.IsFinite(options.MinimumGain) && options.MinimumGain >= 0, nameof(MinimumGain), "at least 0", options.MinimumGain);
        Require(options.Confidence is >= 0 and < 1, nameof(Confidence), "at least 0 and less than 1", options.Confidence);
        Require(options.Resamples is >= 100 and <= 1_000_000, nameof(Resamples), "at least 100 and at most 1000000", options.Resamples);
        Require(options.MinimumHeldOut >= 1, nameof(MinimumHeldOut), "at least 1", options.MinimumHeldOut);
        Require(double.IsFinite(options.MaximumLossOnOld) && options.MaximumLossOnOld >= 0, nameof(MaximumLossOnOld), "at least 0", options.MaximumLossOnOld);
        Require(options.MaximumLossPerClass is >= 0 and <= 1, nameof(MaximumLossPerClass), "at least 0 and at most 1", options.MaximumLossPerClass);
        Require(options.MinimumPerClass >= 1, nameof(MinimumPerClass), "at least 1", options.MinimumPerClass);
        CheckMetric(problems, options.Metric, loss);
    }

    private static void CheckMetric(List<string> problems, GateMetric metric, string loss)
    {
        if (!Enum.IsDefined(metric))
        {
            problems.Add($"Gate:Metric must be one of {string.Join(", ", Enum.GetNames<GateMetric>())}, was {(int)metric}.");
            return;
        }

        if (!LossRegistry.Names.Contains(loss))
            return;
        var suited = GateMetrics.For(LossRegistry.Create(loss).TargetKind).ToList();
        if (!suited.Contains(metric))
            problems.Add($"Gate:Metric must be one of {string.Join(", ", suited)} for the target of the loss '{loss}', was {metric}.");
    }
}
