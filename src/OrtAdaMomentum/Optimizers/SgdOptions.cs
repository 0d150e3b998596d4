namespace OrtAdaMomentum.Optimizers;

/// <summary>Options of <see cref="Sgd"/>.</summary>
public sealed record SgdOptions
{
    /// <summary>Step size; finite, at least 0.</summary>
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>Decay of the momentum; in [0, 1). With 0 no state is kept.</summary>
    public double Momentum { get; init; }

    /// <summary>Looks one step ahead along the momentum; needs a momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay, added to the gradient; finite, at least 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        _ = Require.NonNegative(LearningRate);
        _ = Require.Decay(Momentum);
        _ = Require.NonNegative(WeightDecay);
        if (Nesterov && Momentum == 0)
            throw new ArgumentException("Nesterov needs a momentum above 0.");
    }
}
