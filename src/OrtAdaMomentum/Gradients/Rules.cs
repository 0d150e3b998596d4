namespace OrtAdaMomentum.Gradients;

/// <summary>Every gradient rule of this library. A rule of its own file has its one line here.</summary>
internal static class Rules
{
    public static readonly IReadOnlyList<GradientRule> All =
    [
        .. ElementwiseRules.All,
        MatMulGradient.Rule,
        AveragePoolGradient.Rule,
        BatchNormalizationGradient.Rule,
        ConvGradient.Rule,
        ConvTransposeGradient.Rule,
        DropoutGradient.Rule,
        GemmGradient.Rule,
        GlobalPoolGradient.Average,
        GlobalPoolGradient.Max,
        LayerNormalizationGradient.Rule,
        MaxPoolGradient.Rule,
        PadGradient.Rule,
        SoftmaxGradient.LogSoftmax,
        SoftmaxGradient.Softmax,
        ReduceSumGradient.Rule,
    ];
}
