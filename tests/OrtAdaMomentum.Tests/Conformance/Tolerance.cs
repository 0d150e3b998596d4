using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Tests.Conformance;

/// <summary>What counts as equal and as smooth, in parts of the gradient's norm.</summary>
/// <param name="Error">How far gradient and differences may be apart.</param>
/// <param name="Bend">How far the derivatives on both sides of a smooth place may be apart.</param>
/// <param name="Spread">How far the slopes around a smooth place may be apart: little where steps are small.</param>
internal readonly record struct Tolerance(double Error, double Bend, double Spread)
{
    public static Tolerance Of(ConformanceModel model, ForwardLoss forward) => forward.Precision == ElementType.Double
        ? new Tolerance(model.IsHalf ? 2e-2 : 1e-4, 1e-3, 1e-3)
        : new Tolerance(model.IsHalf ? 2e-2 : 2e-3, 2e-2, 0.5);
}
