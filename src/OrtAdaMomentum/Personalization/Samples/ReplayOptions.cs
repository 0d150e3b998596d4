namespace OrtAdaMomentum.Personalization;

/// <summary>Which of the samples that earlier runs used a run trains on again. New samples always train.</summary>
public sealed class ReplayOptions
{
    /// <summary>Most of them, 0 or more; null for all that are stored. Default: null.</summary>
    public int? MaximumOld { get; set; }

    /// <summary>Which, if there are more. Default: those that balance the classes.</summary>
    public ReplayStrategy Strategy { get; set; } = ReplayStrategy.ClassBalanced;

    internal SampleSelection Selection(ulong seed) => new(MaximumOld ?? int.MaxValue, Strategy, seed);

    internal static void Check(List<string> problems, ReplayOptions? options)
    {
        if (options is null)
        {
            problems.Add("Replay must be given.");
            return;
        }

        if (options.MaximumOld < 0)
            problems.Add($"Replay:MaximumOld must be at least 0, was {options.MaximumOld}.");
        if (!Enum.IsDefined(options.Strategy))
            problems.Add($"Replay:Strategy must be one of {string.Join(", ", Enum.GetNames<ReplayStrategy>())}, was {(int)options.Strategy}.");
    }
}
