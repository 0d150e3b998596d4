using OrtAdaMomentum.Gradients.ClassLosses;
using OrtAdaMomentum.Gradients.Convolution;
using OrtAdaMomentum.Gradients.Elementwise;
using OrtAdaMomentum.Gradients.Fused;
using OrtAdaMomentum.Gradients.Image;
using OrtAdaMomentum.Gradients.LinearAlgebra;
using OrtAdaMomentum.Gradients.Normalization;
using OrtAdaMomentum.Gradients.Pooling;
using OrtAdaMomentum.Gradients.Quantization;
using OrtAdaMomentum.Gradients.Recurrent;
using OrtAdaMomentum.Gradients.Reduction;
using OrtAdaMomentum.Gradients.Shaping;
using OrtAdaMomentum.Gradients.Signal;

namespace OrtAdaMomentum.Gradients;

/// <summary>Every gradient rule of this library. A rule of its own file has its one line here.</summary>
internal static class Rules
{
    public static readonly IReadOnlyList<GradientRule> All =
    [
        .. ElementwiseRules.All,
        .. QuantizationGradient.All,
        .. ReductionRules.All,
        .. ReshapingRules.All,
        .. VariadicRules.All,
        AffineGridGradient.Rule,
        AveragePoolGradient.Rule,
        BatchNormalizationGradient.Rule,
        CenterCropPadGradient.Rule,
        ClassLossGradient.NegativeLogLikelihood,
        ClassLossGradient.SoftmaxCrossEntropy,
        ClipGradient.Rule,
        Col2ImGradient.Rule,
        CompressGradient.Rule,
        ConcatGradient.Rule,
        ConvGradient.Rule,
        ConvTransposeGradient.Rule,
        CumSumGradient.Rule,
        DepthSpaceGradient.ToDepth,
        DepthSpaceGradient.ToSpace,
        DetGradient.Rule,
        DftGradient.Rule,
        DropoutGradient.Rule,
        EinsumGradient.Rule,
        FusedGelu.QuickGelu,
        GatherElementsGradient.Rule,
        GatherGradient.Rule,
        GatherNDGradient.Rule,
        GeluGradient.Rule,
        GemmGradient.Rule,
        GlobalPoolGradient.Average,
        GlobalPoolGradient.Max,
        GridSampleGradient.Rule,
        GruGradient.Rule,
        InstanceNormalizationGradient.Rule,
        LayerNormalizationGradient.Rule,
        LocalResponseNormalizationGradient.Rule,
        LpNormalizationGradient.Rule,
        LpPoolGradient.Global,
        LpPoolGradient.Windows,
        LstmGradient.Rule,
        MatMulGradient.Rule,
        MaxPoolGradient.Rule,
        MaxRoiPoolGradient.Rule,
        MaxUnpoolGradient.Rule,
        MeanVarianceNormalizationGradient.Rule,
        OneHotGradient.Rule,
        PadGradient.Rule,
        PowGradient.Rule,
        ResizeGradient.Rule,
        ReverseSequenceGradient.Rule,
        RnnGradient.Rule,
        RoiAlignGradient.Rule,
        ScanGradient.Rule,
        ScatterGradient.Elements,
        ScatterGradient.Tuples,
        RangeGradient.Rule,
        SimplifiedLayerNormalizationGradient.Rule,
        SliceGradient.Rule,
        SoftmaxGradient.LogSoftmax,
        SoftmaxGradient.Softmax,
        SplitGradient.Rule,
        TileGradient.Rule,
        TopKGradient.Rule,
        TransposeGradient.Rule,
        TriluGradient.Rule,
        UniqueGradient.Rule,
    ];
}
