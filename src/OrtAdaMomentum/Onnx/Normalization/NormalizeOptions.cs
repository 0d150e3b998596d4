namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>What <see cref="ModelNormalizer"/> does beyond what every model needs.</summary>
internal sealed record NormalizeOptions
{
    /// <summary>Graph inputs that become constants: name to value, as text ("16000", "0.5", "1,2,3", "true").</summary>
    public IReadOnlyDictionary<string, string> Fix { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a model exported for one sample at a time is made to take any number of samples.</summary>
    public bool FreeBatch { get; init; } = true;

    /// <summary>Most nodes after functions have been inlined; a few nested functions can stand for any number.</summary>
    public int MaxNodes { get; init; } = 200_000;
}
