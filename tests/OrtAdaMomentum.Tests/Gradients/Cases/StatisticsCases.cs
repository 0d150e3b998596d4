using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Normalisation by statistics of instances, groups and neighbours, and by norms.</summary>
internal static class StatisticsCases
{
    private const string SingleInside = "the operator computes in single precision whatever the input";

    public static readonly GradientCase[] All =
    [
        Instance("1-d", [2, 3, 4]),
        Instance("2-d", [2, 3, 2, 3]),
        Instance("3-d", [2, 2, 2, 2, 3]),
        Instance("4-d", [1, 2, 2, 1, 2, 2]),
        Instance("one channel", [2, 1, 3, 2]),
        Instance("one image", [1, 3, 3, 2]),
        Instance("large epsilon", [2, 3, 2, 2]).With(("epsilon", 0.1f)),
        Instance("empty batch", [0, 3, 2, 2]),
        new("InstanceNormalization", "mean far from 0", Within(4, 6, 2, 2, 4), Any(2), Any(2)),
        new("InstanceNormalization", "frozen scale", Any(2, 2, 3, 2), Any(2).AsConstant, Any(2)),
        new("InstanceNormalization", "scale and bias as parameters", Any(2, 2, 3, 2), Any(2).AsParameter, Any(2).AsParameter),

        Group("2 groups of 2", [2, 4, 3, 2], 2),
        Group("a group per channel", [2, 3, 4], 3),
        Group("one group", [2, 3, 2, 2], 1),
        Group("no spatial axes", [3, 6], 2),
        Group("3-d, large epsilon", [1, 4, 2, 2, 3], 2, ("epsilon", 0.1f)),
        Group("parameters of one group", [2, 2, 3], 1, ("stash_type", 1L)),

        Response("3 channels", [2, 5, 2, 3], 3),
        Response("1 channel", [1, 3, 2, 2], 1, ("alpha", 0.5f)),
        Response("all channels", [1, 3, 2, 2], 5, ("alpha", 0.8f), ("beta", 0.6f)),
        Response("all attributes", [2, 6, 1, 3], 3, ("alpha", 1.5f), ("beta", 1.25f), ("bias", 2f)),
        Response("empty batch", [0, 4, 2, 2], 3),

        new("MeanVarianceNormalization", "batch and space by default", Any(2, 3, 2, 2)),
        new GradientCase("MeanVarianceNormalization", "everything", Any(2, 2, 3, 2)).With(("axes", new long[] { 0, 1, 2, 3 })),
        new GradientCase("MeanVarianceNormalization", "space", Any(2, 3, 2, 3)).With(("axes", new long[] { 2, 3 })),
        new GradientCase("MeanVarianceNormalization", "last axis of three", Any(2, 3, 4)).With(("axes", new long[] { 2 })),
        new GradientCase("MeanVarianceNormalization", "first axis of two", Any(4, 3)).With(("axes", new long[] { 0 })),
        new GradientCase("MeanVarianceNormalization", "negative axis", Any(2, 3, 4)).With(("axes", new long[] { -1 })),

        Norm("last axis by default", [2, 4]),
        Norm("1-norm", [2, 4], ("p", 1L)),
        Norm("first axis", [3, 2, 2], ("axis", 0L)),
        Norm("negative axis, 1-norm", [2, 3, 2], ("axis", -2L), ("p", 1L)),
        Norm("middle axis", [2, 3, 2], ("axis", 1L), ("p", 2L)),
        Norm("vector", [5]),
        Norm("axis of size 1", [3, 1]),
        Norm("empty batch", [0, 4]),
        new("LpNormalization", "a row of zeros", Numbers([2, 3], 0, 0, 0, 1, -2, 2))
        {
            NoDifferences = "the operator jumps at zero",
            NoTorch = "its formula is not finite at zero",
        },
    ];

    private static GradientCase Instance(string description, long[] shape) =>
        new("InstanceNormalization", description, Any(shape), Any(shape[1]), Any(shape[1]));

    private static GradientCase Group(string description, long[] shape, long groups, params (string Name, object Value)[] attributes) =>
        new GradientCase("GroupNormalization", description, Any(shape), Any(shape[1]), Any(shape[1]))
            .With([("num_groups", groups), .. attributes]) with { SingleOnly = SingleInside };

    private static GradientCase Response(string description, long[] shape, long size, params (string Name, object Value)[] attributes) =>
        new GradientCase("LRN", description, Any(shape)).With([("size", size), .. attributes]);

    private static GradientCase Norm(string description, long[] shape, params (string Name, object Value)[] attributes) =>
        new GradientCase("LpNormalization", description, AwayFrom([0], shape)).With(attributes);
}
