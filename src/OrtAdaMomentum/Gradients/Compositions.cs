using OrtAdaMomentum.Gradients.Attention;
using OrtAdaMomentum.Gradients.Convolution;
using OrtAdaMomentum.Gradients.Fused;
using OrtAdaMomentum.Gradients.Normalization;
using OrtAdaMomentum.Gradients.Signal;

namespace OrtAdaMomentum.Gradients;

/// <summary>Every composition of this library. A composition of its own file has its one line here.</summary>
internal static class Compositions
{
    public static readonly IReadOnlyList<Composition> All =
    [
        DeformConvComposition.Rule,
        EmbedLayerNormalization.Composition,
        FusedConvolution.FusedConv,
        FusedGelu.BiasGelu,
        FusedGelu.FastGelu,
        FusedGelu.Gelu,
        FusedProducts.FusedGemm,
        FusedProducts.FusedMatMul,
        FusedProducts.TransposeMatMul,
        GroupNormalizationComposition.Rule,
        GroupQueryAttention.Composition,
        MultiHeadAttention.Composition,
        ProjectedAttention.Composition,
        RotaryEmbedding.Composition,
        SkipNormalization.Layer,
        SkipNormalization.Simplified,
        StftComposition.Rule,
    ];
}
