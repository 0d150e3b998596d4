namespace OrtAdaMomentum.Optimizers;

/// <summary>Creates optimizers by name, for command lines and configuration files.</summary>
public static class OptimizerFactory
{
    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["adamomentum", "adamw", "sgd"];

    /// <summary>Creates an optimizer with the remaining options at their defaults; "sgd" gets a momentum of 0.9.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="layout">The layout of the parameters.</param>
    /// <param name="learningRate">Step size; finite, at least 0.</param>
    /// <param name="weightDecay">Weight decay; finite, at least 0.</param>
    /// <param name="settings">Clipping, threads and groups; null for the defaults.</param>
    /// <exception cref="ArgumentException">The name is unknown, or a value is out of range.</exception>
    public static Optimizer Create(
        string name, BufferLayout layout, double learningRate, double weightDecay, OptimizerSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.ToUpperInvariant() switch
        {
            "ADAMOMENTUM" => new AdaMomentum(
                layout, new AdaMomentumOptions { LearningRate = learningRate, WeightDecay = weightDecay }, settings),
            "ADAMW" => new AdamW(layout, new AdamWOptions { LearningRate = learningRate, WeightDecay = weightDecay }, settings),
            "SGD" => new Sgd(layout, new SgdOptions { LearningRate = learningRate, WeightDecay = weightDecay, Momentum = 0.9 }, settings),
            _ => throw new ArgumentException($"Unknown optimizer '{name}'; known are {string.Join(", ", Names)}.", nameof(name)),
        };
    }
}
