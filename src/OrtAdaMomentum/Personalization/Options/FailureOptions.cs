using System.Globalization;

namespace OrtAdaMomentum.Personalization;

/// <summary>What happens when a run fails.</summary>
public sealed class FailureOptions
{
    /// <summary>How long after its first failure a run is tried again, 1 second or more. Default: 1 minute.</summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest such delay, at least <see cref="FirstDelay"/> and at most 30 days. Default: 1 day.</summary>
    public TimeSpan MaximumDelay { get; set; } = TimeSpan.FromDays(1);

    /// <summary>By what the delay grows with every further failure, 1 to 10. Default: 2.</summary>
    public double Factor { get; set; } = 2;

    /// <summary>
    /// How often a run is tried, counting failures and ends of the process without a stop, 1 or more. Then it is given up, and its samples count as used.
    /// Default: 5.
    /// </summary>
    public int MaximumAttempts { get; set; } = 5;

    /// <summary>The delay after a number of attempts, 1 or more.</summary>
    internal TimeSpan DelayAfter(int attempts)
    {
        double seconds = FirstDelay.TotalSeconds * Math.Pow(Factor, attempts - 1);
        return seconds < MaximumDelay.TotalSeconds ? TimeSpan.FromSeconds(seconds) : MaximumDelay;
    }

    internal static void Check(List<string> problems, FailureOptions options)
    {
        if (options.FirstDelay < TimeSpan.FromSeconds(1))
            problems.Add($"Failure:FirstDelay must be at least 1 second, was {options.FirstDelay}.");
        if (options.MaximumDelay < options.FirstDelay || options.MaximumDelay > TimeSpan.FromDays(30))
            problems.Add($"Failure:MaximumDelay must be at least FirstDelay ({options.FirstDelay}) and at most 30 days, was {options.MaximumDelay}.");
        if (options.Factor is not (>= 1 and <= 10))
            problems.Add($"Failure:Factor must be at least 1 and at most 10, was {options.Factor.ToString(CultureInfo.InvariantCulture)}.");
        if (options.MaximumAttempts < 1)
            problems.Add($"Failure:MaximumAttempts must be at least 1, was {options.MaximumAttempts}.");
    }
}
