using static System.FormattableString;

namespace OrtAdaMomentum.Personalization;

/// <summary>How a version is watched after it was promoted.</summary>
public sealed class WatchOptions
{
    /// <summary>How long a version is watched; 0 does not watch. At most 365 days. Default: 1 day.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Reports about the version and about its parent, labels of what they answered, or samples that both were asked, without which nothing is concluded; also how often it is looked at. 10 or more. Default: 50.</summary>
    public int MinimumFeedback { get; set; } = 50;

    /// <summary>Latest reports about a version, labels of its answers, and samples that count, at least <see cref="MinimumFeedback"/> and at most 100,000. Default: 1000.</summary>
    public int Window { get; set; } = 1000;

    /// <summary>By how much the mean score may be below that of the parent, 0 or more, in units of the score. Default: 0.02.</summary>
    public double MaximumFall { get; set; } = 0.02;

    /// <summary>How sure a greater fall has to be, over all looks of the period together, greater than 0.5 and less than 1. Default: 0.95.</summary>
    public double Confidence { get; set; } = 0.95;

    /// <summary>
    /// Whether labelled samples that come in while a version is watched are asked of it and of its parent, before any can learn from them, and samples whose
    /// target comes later of the version that answered them. Takes two predictions, or one, for each, and memory for a second session. Default: yes.
    /// </summary>
    public bool ScoreSamples { get; set; } = true;

    internal static void Check(List<string> problems, WatchOptions options)
    {
        if (options.Period < TimeSpan.Zero || options.Period > TimeSpan.FromDays(365))
            problems.Add($"Watch:Period must be at least 0 and at most 365 days, was {options.Period}.");
        if (options.MinimumFeedback < 10)
            problems.Add($"Watch:MinimumFeedback must be at least 10, was {options.MinimumFeedback}.");
        if (options.Window < options.MinimumFeedback || options.Window > 100_000)
            problems.Add($"Watch:Window must be at least MinimumFeedback ({options.MinimumFeedback}) and at most 100000, was {options.Window}.");
        if (!(double.IsFinite(options.MaximumFall) && options.MaximumFall >= 0))
            problems.Add(Invariant($"Watch:MaximumFall must be at least 0, was {options.MaximumFall}."));
        if (options.Confidence is not (> 0.5 and < 1))
            problems.Add(Invariant($"Watch:Confidence must be greater than 0.5 and less than 1, was {options.Confidence}."));
    }
}
