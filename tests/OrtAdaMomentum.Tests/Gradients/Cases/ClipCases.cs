using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Limits to a range.</summary>
internal static class ClipCases
{
    private const string Border = "differences see the mean of the two slopes at the border";

    public static readonly GradientCase[] All =
    [
        new("Clip", "both limits fixed", AwayFrom([-1, 1], 3, 4), Numbers([], -1).AsConstant, Numbers([], 1).AsConstant),
        new("Clip", "both limits trained", AwayFrom([-1, 1], 3, 4), Numbers([], -1), Numbers([], 1)),
        new("Clip", "lower limit only", AwayFrom([0.5], 3, 4), Numbers([], 0.5)),
        new("Clip", "upper limit only", AwayFrom([0.5], 3, 4), Omitted, Numbers([], 0.5)),
        new("Clip", "no limits", Any(2, 3)),
        new("Clip", "limits at run time", AwayFrom([-1, 1], 3, 4), Numbers([], -1).AsFed, Numbers([], 1).AsFed),
        new("Clip", "limits the wrong way round", AwayFrom([-1, 1], 3, 4), Numbers([], 1), Numbers([], -1)),
        new GradientCase("Clip", "at the borders", Numbers([5], -1, 1, 0, -2, 2), Numbers([], -1).AsConstant, Numbers([], 1).AsConstant)
            with { NoDifferences = Border },
        new("Clip", "scalar", Numbers([], 0.25), Numbers([], -1).AsConstant, Numbers([], 1).AsConstant),
        new("Clip", "six", AwayFrom(-2, 8, [0, 6], 3, 4), Numbers([], 0).AsConstant, Numbers([], 6).AsConstant),
    ];
}
