using OrtAdaMomentum.Tests.Gradients.Cases;

namespace OrtAdaMomentum.Tests.Gradients;

/// <summary>All gradient cases. A family of operators has its table in a file under Cases and one line here.</summary>
internal static class GradientCases
{
    public static IReadOnlyList<GradientCase> All { get; } =
    [
        .. AttentionCases.All,
        .. BinaryCases.All,
        .. ClassLossCases.All,
        .. ClipCases.All,
        .. ConvCases.All,
        .. ConvTransposeCases.All,
        .. DeformConvCases.All,
        .. DetCases.All,
        .. EinsumCases.All,
        .. FusedAttentionCases.All,
        .. EmptyBatchCases.All,
        .. FusedNormalizationCases.All,
        .. FusedOperatorCases.All,
        .. GatherCases.All,
        .. GemmCases.All,
        .. GroupQueryCases.All,
        .. ImageCases.All,
        .. JoiningCases.All,
        .. LpPoolCases.All,
        .. MatMulCases.All,
        .. NormalizationCases.All,
        .. PadCases.All,
        .. PoolingCases.All,
        .. PowCases.All,
        .. QuantizationCases.All,
        .. RecurrentCases.All,
        .. ReductionCases.All,
        .. ReshapingCases.All,
        .. ResizeCases.All,
        .. RotaryCases.All,
        .. SamplingCases.All,
        .. ScanCases.All,
        .. ScatterCases.All,
        .. SelectionCases.All,
        .. SignalCases.All,
        .. SliceCases.All,
        .. StatisticsCases.All,
        .. UnaryCases.All,
        .. VariadicCases.All,
    ];

    private static readonly Dictionary<string, GradientCase> Index = All.ToDictionary(static item => item.Name, StringComparer.Ordinal);

    public static GradientCase Named(string name) => Index[name];

    public static IEnumerable<TheoryDataRow<string>> Names() => All.Select(static item => new TheoryDataRow<string>(item.Name));
}
