using OrtAdaMomentum.Kernels.Convolution;
using OrtAdaMomentum.Kernels.Elementwise;
using OrtAdaMomentum.Kernels.Normalization;
using OrtAdaMomentum.Kernels.Pooling;
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
        ConvolutionFilterGradientKernel.Definition,
        ConvolutionForwardKernel.Definition,
        ConvolutionInputGradientKernel.Definition,
        ElementwiseKernels.Clip,
        ElementwiseKernels.Gelu,
        ElementwiseKernels.Relu,
        EmbeddingBackwardKernel.Definition,
        GlobalAveragePoolBackwardKernel.Definition,
        LayerNormalizationBackwardKernel.Definition,
        MaxPoolBackwardKernel.Definition,
        MaxPoolForwardKernel.Definition,
        SoftmaxBackwardKernel.LogSoftmax,
        SoftmaxBackwardKernel.Softmax,
    ];

    /// <summary>Names of the operators.</summary>
    public static IReadOnlySet<string> Names { get; } = All.Select(static definition => definition.Name).ToHashSet();
}
