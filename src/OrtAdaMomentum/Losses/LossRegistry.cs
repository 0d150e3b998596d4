namespace OrtAdaMomentum.Losses;

/// <summary>The losses by name, with their default options.</summary>
public static class LossRegistry
{
    private static readonly Loss[] Known =
    [
        new CrossEntropyLoss(),
        new CrossEntropyLoss { SoftLabels = true },
        new BinaryCrossEntropyLoss(),
        new MeanSquaredErrorLoss(),
        new AbsoluteErrorLoss(),
        new HuberLoss(),
        new CtcLoss(),
    ];

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(static loss => loss.Name)];

    /// <summary>The loss of that name.</summary>
    /// <exception cref="FineTuningException">There is none; the message lists those there are.</exception>
    public static Loss Create(string name) =>
        Array.Find(Known, loss => loss.Name == name)
        ?? throw new FineTuningException($"There is no loss named '{name}'. Known losses: {string.Join(", ", Names)}.");
}
