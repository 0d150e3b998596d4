using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Reductions over axes.</summary>
internal static class ReductionCases
{
    public static readonly GradientCase[] All =
    [
        .. Axes("ReduceL1", static shape => AwayFrom([0], shape)),
        .. Axes("ReduceL2", static shape => Any(shape)),
        .. Axes("ReduceLogSum", static shape => Within(0.3, 2, shape)),
        .. Axes("ReduceLogSumExp", static shape => Any(shape)),
        .. Axes("ReduceMax", static shape => Distinct(0, shape)),
        .. Axes("ReduceMean", static shape => Any(shape)),
        .. Axes("ReduceMin", static shape => Distinct(0, shape)),
        .. Axes("ReduceProd", static shape => AwayFrom([0], shape)),
        .. Axes("ReduceSum", static shape => Any(shape)),
        .. Axes("ReduceSumSquare", static shape => Any(shape)),
        new("ReduceProd", "no, one and two zeros", Numbers([3, 3], 2, 3, 0.5, 2, 0, 3, 0, 3, 0), Integers(1)),
        new("ReduceProd", "a zero among all", Numbers([2, 2], 2, 3, 0, 4)),
        new GradientCase("ReduceProd", "zeros, axes computed at run time", Numbers([2, 3], 2, 0, 0, 0, 4, 5), Integers(-1).AsFed).With(("keepdims", 0L)),
        new GradientCase("ReduceProd", "zeros, nothing reduced", Numbers([2, 2], 2, 0, 0, 4), Integers()).With(("noop_with_empty_axes", 1L)),
        new("ReduceProd", "axis of no elements", Any(2, 0), Integers(1)),
        new("ReduceLogSumExp", "large values", Numbers([2, 2], 1000, 1001, -1000, -1001), Integers(1)),
        new("ReduceMax", "ties of two", Numbers([2, 3], 1, 3, 3, 2, 2, 0), Integers(1)),
        Tied("ReduceMax", "ties of all", Numbers([2, 3], 1, 1, 1, 2, 2, 2), Integers(1)),
        Tied("ReduceMin", "ties of all", Numbers([2, 3], 1, 1, 1, 2, 2, 2), Integers(1)),
        new GradientCase("ReduceL2", "zero vector", Numbers([2, 2], 0, 0, 3, 4), Integers(1)) with { NoDifferences = "the norm has a kink at 0" },
    ];

    private static GradientCase Tied(string operatorType, string description, params CaseInput[] inputs) =>
        new(operatorType, description, inputs) { NoDifferences = "differences give half to each" };

    /// <summary>Every way that axes are given.</summary>
    private static IEnumerable<GradientCase> Axes(string operatorType, Func<long[], CaseInput> input)
    {
        foreach (long keep in new[] { 1L, 0L })
        {
            string kept = keep == 1 ? "kept" : "dropped";
            var attribute = ("keepdims", (object)keep);
            yield return new GradientCase(operatorType, $"all axes, {kept}", input([2, 3, 2])).With(attribute);
            yield return new GradientCase(operatorType, $"first axis, {kept}", input([2, 3, 2]), Integers(0)).With(attribute);
            yield return new GradientCase(operatorType, $"negative axis, {kept}", input([2, 3, 2]), Integers(-2)).With(attribute);
            yield return new GradientCase(operatorType, $"several axes, {kept}", input([2, 3, 2]), Integers(-1, 0)).With(attribute);
            yield return new GradientCase(operatorType, $"axis of size 1, {kept}", input([2, 1, 2]), Integers(1)).With(attribute);
            yield return new GradientCase(operatorType, $"empty axes reduce all, {kept}", input([2, 3]), Integers()).With(attribute);
            yield return new GradientCase(operatorType, $"empty axes reduce nothing, {kept}", input([2, 3]), Integers())
                .With(attribute, ("noop_with_empty_axes", 1L));
            yield return new GradientCase(operatorType, $"axes computed at run time, {kept}", input([2, 3, 2]), Integers(-1, 1).AsFed).With(attribute);
        }

        yield return new GradientCase(operatorType, "scalar", input([]));
        yield return new GradientCase(operatorType, "vector", input([4]), Integers(0));
        yield return new GradientCase(operatorType, "keepdims by default", input([2, 3]), Integers(1));
        yield return new GradientCase(operatorType, "rank 4, spatial axes", input([2, 2, 2, 3]), Integers(2, 3));
    }
}
