namespace OrtAdaMomentum.Optimizers;

/// <summary>What every optimizer takes, whatever its rule.</summary>
public sealed record OptimizerSettings
{
    /// <summary>How gradients are limited; by default not at all.</summary>
    public GradientClipping Clipping { get; init; } = GradientClipping.None;

    /// <summary>
    /// Whether a step with a NaN or infinite gradient is skipped. It costs one more reading of the gradients, and without it one such
    /// value stays in the moments for ever. Clipping by norm reads the norm anyway, and then the check is always made.
    /// </summary>
    public bool SkipNonFiniteGradients { get; init; } = true;

    /// <summary>
    /// Threads of a step, the calling one included. 0 decides by the machine's physical cores and the number of trained parameters; small
    /// models run on the calling thread alone. The result has the same bits whatever the number.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Parameters with settings of their own; the first group that matches a parameter's name holds.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; init; } = [];

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Clipping);
        ArgumentNullException.ThrowIfNull(Groups);
        if (Threads is < 0 or > StepThreads.Most)
            throw new ArgumentException($"Threads is {Threads}; it can be 0 (automatic) to {StepThreads.Most}.");
    }
}
