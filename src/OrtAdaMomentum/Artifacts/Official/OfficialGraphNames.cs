namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>Names of graph inputs and outputs that the official runtime gives a meaning.</summary>
internal static class OfficialGraphNames
{
    /// <summary>Input: whether the gradient buffers are overwritten instead of added to.</summary>
    public const string LazyResetGrad = "lazy_reset_grad";

    private const string GradientSuffix = "_grad";

    private const string BufferSuffix = "_grad.accumulation.buffer";

    private const string AccumulatedSuffix = "_grad.accumulation.out";

    /// <summary>Input: the memory that the gradients of a parameter add up in.</summary>
    public static string Buffer(string parameter) => parameter + BufferSuffix;

    /// <summary>The parameter whose buffer an input is; null when it is none.</summary>
    public static string? ParameterOfBuffer(string input) =>
        input.EndsWith(BufferSuffix, StringComparison.Ordinal) ? input[..^BufferSuffix.Length] : null;

    /// <summary>Output: says that the buffer has been written. The runtime hides outputs of such names.</summary>
    public static string Accumulated(string parameter) => parameter + AccumulatedSuffix;

    /// <summary>Output: the gradient of this step alone. The runtime knows nothing of this name, so it is given to the caller.</summary>
    public static string RawGradient(string parameter) => "grad::" + parameter;

    /// <summary>Whether the runtime takes an input or output of that name for its own.</summary>
    public static bool IsReserved(string name) =>
        name == LazyResetGrad
        || name.EndsWith(GradientSuffix, StringComparison.Ordinal)
        || name.EndsWith(BufferSuffix, StringComparison.Ordinal)
        || name.EndsWith(AccumulatedSuffix, StringComparison.Ordinal);
}
