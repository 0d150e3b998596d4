using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Reductions over axes.</summary>
internal static class ReductionCases
{
    public static readonly GradientCase[] All =
    [
        .. Axes("ReduceSum", static shape => Any(shape)),
    ];

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
