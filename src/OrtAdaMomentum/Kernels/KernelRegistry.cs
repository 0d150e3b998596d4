using OrtAdaMomentum.Kernels.ClassLosses;
using OrtAdaMomentum.Kernels.Convolution;
using OrtAdaMomentum.Kernels.Elementwise;
using OrtAdaMomentum.Kernels.Normalization;
using OrtAdaMomentum.Kernels.Pooling;
using OrtAdaMomentum.Kernels.Recurrent;
using OrtAdaMomentum.Kernels.Reduction;
using OrtAdaMomentum.Kernels.Shaping;

namespace OrtAdaMomentum.Kernels;

/// <summary>All kernels.</summary>
internal static class KernelRegistry
{
    /// <summary>In the order in which they are registered.</summary>
    public static IReadOnlyList<KernelDefinition> All { get; } =
    [
        AveragePoolBackwardKernel.Definition,
        BatchNormalizationBackwardKernel.Definition,
        BatchNormalizationForwardKernel.Definition,
        ChannelSumKernel.Definition,
        ColumnSumKernel.Definition,
        ConvolutionFilterGradientKernel.Definition,
        ConvolutionForwardKernel.Definition,
        ConvolutionInputGradientKernel.Definition,
        ElementwiseKernels.Clip,
        ElementwiseKernels.Gelu,
        ElementwiseKernels.Relu,
        EmbeddingBackwardKernel.Definition,
        GlobalAveragePoolBackwardKernel.Definition,
        GruBackwardKernel.Definition,
        GruForwardKernel.Definition,
        LabelledSoftmaxBackwardKernel.Definition,
        LabelLogProbabilityKernel.Definition,
        LayerNormalizationBackwardKernel.Definition,
        LstmBackwardKernel.Definition,
        LstmForwardKernel.Definition,
        MaxPoolBackwardKernel.Definition,
        MaxPoolForwardKernel.Definition,
        SoftmaxBackwardKernel.LogSoftmax,
        SoftmaxBackwardKernel.Softmax,
    ];

    private static readonly Dictionary<string, KernelDefinition> _byName = All.ToDictionary(static definition => definition.Name);

    /// <summary>Whether there is a kernel for an offer.</summary>
    public static bool Computes(OfferedNode offer) => _byName.ContainsKey(offer.Operator);

    /// <summary>Whether there is a kernel for an offer, and it is faster than the ordinary nodes.</summary>
    public static bool Wins(OfferedNode offer) => _byName.TryGetValue(offer.Operator, out var definition) && definition.Wins(offer);
}
