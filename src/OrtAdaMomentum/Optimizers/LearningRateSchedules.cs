namespace OrtAdaMomentum.Optimizers;

/// <summary>Creates schedules by name, for command lines and configuration files.</summary>
public static class LearningRateSchedules
{
    internal const string Constant = "constant";

    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [Constant, "linear", "cosine"];

    /// <summary>Creates a schedule.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="totalSteps">Steps of the training; at least 1. Not used by "constant".</param>
    /// <param name="warmupSteps">Steps of linear warm-up; at least 0.</param>
    /// <param name="minimumFactor">The last factor of "cosine"; in [0, 1].</param>
    /// <exception cref="ArgumentException">The name is unknown, or a number is out of range.</exception>
    public static LearningRateSchedule Create(string name, long totalSteps, long warmupSteps = 0, double minimumFactor = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.ToUpperInvariant() switch
        {
            "CONSTANT" => new ConstantSchedule(warmupSteps),
            "LINEAR" => new LinearSchedule(totalSteps, warmupSteps),
            "COSINE" => new CosineSchedule(totalSteps, warmupSteps, minimumFactor),
            _ => throw new ArgumentException($"Unknown schedule '{name}'; known are {string.Join(", ", Names)}.", nameof(name)),
        };
    }
}
