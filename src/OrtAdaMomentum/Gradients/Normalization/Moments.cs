namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>
/// What a normalisation by mean and variance computed on its way but does not give: the variance from centred values, so that a large mean
/// costs no digits.
/// </summary>
/// <param name="Centred">The input less its mean.</param>
/// <param name="Inverse">One over the standard deviation, the normalised axes kept as 1.</param>
/// <param name="Axes">The normalised axes.</param>
internal sealed record Moments(SymbolicTensor Centred, SymbolicTensor Inverse, int[] Axes)
{
    /// <summary>The moments of <paramref name="x"/> over <paramref name="axes"/>.</summary>
    public static Moments Of(SymbolicTensor x, int[] axes, double epsilon)
    {
        var centred = x - x.ReduceMean(axes, keepDimensions: true);
        var variance = (centred * centred).ReduceMean(axes, keepDimensions: true);
        return new Moments(centred, 1 / (variance + epsilon).Sqrt(), axes);
    }

    /// <summary>
    /// The gradient of the input of <c>centred * inverse * scale</c>, where the scale is constant along the normalised axes:
    /// scale * inverse * (g - mean(g) - normalised * mean(g * normalised)), gathered into few passes over full-size tensors.
    /// </summary>
    /// <param name="g">Gradient of the output.</param>
    /// <param name="product"><paramref name="g"/> times the centred input, which the gradient of the scale needs as well.</param>
    /// <param name="scale">Laid out to broadcast over the input.</param>
    public SymbolicTensor InputGradient(SymbolicTensor g, SymbolicTensor product, SymbolicTensor scale)
    {
        var factor = scale * Inverse;
        var slope = factor * Inverse * Inverse * product.ReduceMean(Axes, keepDimensions: true);
        return ((g - g.ReduceMean(Axes, keepDimensions: true)) * factor) - (Centred * slope);
    }
}
