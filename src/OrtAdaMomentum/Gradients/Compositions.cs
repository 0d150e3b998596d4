using OrtAdaMomentum.Gradients.Fused;
using OrtAdaMomentum.Gradients.Normalization;

namespace OrtAdaMomentum.Gradients;

/// <summary>Every composition of this library. A composition of its own file has its one line here.</summary>
internal static class Compositions
{
    public static readonly IReadOnlyList<Composition> All =
    [
        FusedConvolution.FusedConv,
        FusedGelu.BiasGelu,
        FusedGelu.FastGelu,
        FusedGelu.Gelu,
        FusedProducts.FusedGemm,
        FusedProducts.FusedMatMul,
        FusedProducts.TransposeMatMul,
        GroupNormalizationComposition.Rule,
        SkipNormalization.Layer,
        SkipNormalization.Simplified,
    ];
}
