namespace OrtAdaMomentum.Optimizers;

/// <summary>Options of <see cref="AdamW"/>; the defaults are PyTorch's.</summary>
public sealed record AdamWOptions
{
    /// <summary>The least <see cref="Epsilon"/>.</summary>
    public const double SmallestEpsilon = 1e-15;

    /// <summary>Step size; finite, at least 0.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decay of the first moment; in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment; in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the corrected second moment; at least 1e-15.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay; finite, at least 0.</summary>
    public double WeightDecay { get; init; } = 1e-2;

    /// <summary>The form of the step.</summary>
    public AdamWForm Form { get; init; }

    /// <summary>Whether moments are corrected for having begun at zero.</summary>
    public bool CorrectsBias { get; init; } = true;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        _ = Require.NonNegative(LearningRate);
        _ = Require.Decay(Beta1);
        _ = Require.Decay(Beta2);
        _ = Require.AtLeast(SmallestEpsilon, Epsilon, "without it a parameter whose gradients are all zero would be updated by 0 / 0.");
        _ = Require.NonNegative(WeightDecay);
    }
}
