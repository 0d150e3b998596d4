using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Determinants.</summary>
internal static class DetCases
{
    public static readonly GradientCase[] All =
    [
        new("Det", "one element", Any(1, 1)),
        new("Det", "2 rows", Any(2, 2)),
        new("Det", "3 rows", Any(3, 3)),
        new("Det", "5 rows", Any(5, 5)),
        new("Det", "batch", Any(2, 3, 3)),
        new("Det", "batch of batches", Any(2, 2, 2, 2)),
        new("Det", "batch of single elements", Any(3, 1, 1)),
        new("Det", "rank 2 of 3", Numbers([3, 3], 1, 2, 3, 2, 4, 6, 1, 0, 1)),
        new("Det", "rank 1 of 3", Numbers([3, 3], 1, 2, 3, 2, 4, 6, 3, 6, 9)),
        new("Det", "zeros", Numbers([2, 2], 0, 0, 0, 0)),
        new("Det", "singular and regular in a batch", Numbers([2, 2, 2], 1, 2, 2, 4, 1, 2, 3, 4)),
    ];
}
