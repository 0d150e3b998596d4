using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Fourier transforms.</summary>
internal static class SignalCases
{
    public static readonly GradientCase[] All =
    [
        Transform("real", Any(2, 5, 1)),
        Transform("complex", Any(2, 5, 2)),
        Transform("complex, even length", Any(1, 4, 2)),
        Transform("inverse", Any(2, 5, 2)).With(("inverse", 1L)),
        Transform("inverse of real numbers", Any(2, 4, 1)).With(("inverse", 1L)),
        Transform("one-sided", Any(2, 5, 1)).With(("onesided", 1L)),
        Transform("one-sided, even length", Any(2, 6, 1)).With(("onesided", 1L)),
        Transform("fewer samples", Any(2, 6, 2), Scalar(4)),
        Transform("more samples", Any(2, 4, 1), Scalar(7)),
        Transform("more samples, inverse", Any(2, 4, 2), Scalar(6)).With(("inverse", 1L)),
        Transform("one-sided, more samples", Any(1, 4, 1), Scalar(6)).With(("onesided", 1L)),
        Transform("one-sided, fewer samples", Any(1, 6, 1), Scalar(5)).With(("onesided", 1L)),
        Transform("axis", Any(3, 2, 4, 2), Omitted, Scalar(0)),
        Transform("negative axis", Any(3, 4, 2, 1), Scalar(4), Scalar(-3)),

        Frames("window", Any(2, 9, 1), Scalar(2), Within(0.5, 1.5, 4)).With(("onesided", 0L)),
        Frames("window, one-sided", Any(2, 9, 1), Scalar(3), Within(0.5, 1.5, 4)),
        Frames("overlapping", Any(1, 8, 1), Scalar(1), Within(0.5, 1.5, 5), Scalar(5)),
        Frames("without window", Any(2, 8, 1), Scalar(4), Omitted, Scalar(4)),
        Frames("complex", Any(1, 7, 2), Scalar(2), Within(0.5, 1.5, 3)).With(("onesided", 0L)),
        Frames("constant window", Any(1, 8, 1), Scalar(2), Within(0.5, 1.5, 4).AsConstant, Scalar(4)),
    ];

    private static CaseInput Scalar(long value) => IntegersOf([], value);

    private static GradientCase Transform(string description, params CaseInput[] inputs) => new("DFT", description, inputs);

    private static GradientCase Frames(string description, CaseInput signal, CaseInput step, CaseInput window, CaseInput? length = null) =>
        new("STFT", description, length is null ? [signal, step, window.AsKnownLength()] : [signal, step, window.AsKnownLength(), length]);

    // A window is a parameter or a constant: its length is never open.
    private static CaseInput AsKnownLength(this CaseInput window) => window.Role == InputRole.Variable ? window.AsParameter : window;
}
