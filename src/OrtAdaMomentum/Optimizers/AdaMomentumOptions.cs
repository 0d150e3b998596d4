namespace OrtAdaMomentum.Optimizers;

/// <summary>Options of <see cref="AdaMomentum"/>; the defaults are those of the authors' code.</summary>
public sealed record AdaMomentumOptions
{
    /// <summary>The least <see cref="Epsilon"/>: a second moment of it is still far from float's subnormal range.</summary>
    public const double SmallestEpsilon = 1e-30;

    /// <summary>Step size; finite, at least 0.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decay of the first moment; in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment; in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>
    /// Added to the second moment in every step; at least 1e-30. It accumulates there, so gradients are damped below
    /// √(epsilon / (1 - <see cref="Beta2"/>)): 3e-7 with the default, 3e-3 with 1e-8. Larger values behave more like plain momentum.
    /// </summary>
    public double Epsilon { get; init; } = 1e-16;

    /// <summary>Weight decay; finite, at least 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>How weight decay enters the update.</summary>
    public WeightDecayMode WeightDecayMode { get; init; }

    /// <summary>Divides by the largest second moment so far, so that steps never grow back.</summary>
    public bool AmsGrad { get; init; }

    /// <summary>
    /// Rectifies the step size as RAdam does: while the second moment rests on too few steps (up to the fifth with the default
    /// <see cref="Beta2"/>), the update is that of plain momentum. Cannot be combined with <see cref="AmsGrad"/>.
    /// </summary>
    public bool Rectify { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A value is out of range, or two options exclude each other.</exception>
    public void Validate()
    {
        _ = Require.NonNegative(LearningRate);
        _ = Require.Decay(Beta1);
        _ = Require.Decay(Beta2);
        _ = Require.AtLeast(SmallestEpsilon, Epsilon, "without it a parameter whose gradients are all zero would be updated by 0 / 0.");
        _ = Require.NonNegative(WeightDecay);
        if (!Enum.IsDefined(WeightDecayMode))
            throw new ArgumentException($"Unknown weight decay mode {WeightDecayMode}.");
        if (AmsGrad && Rectify)
            throw new ArgumentException("AmsGrad and Rectify exclude each other: the rectified update does not use the largest moment.");
    }
}
