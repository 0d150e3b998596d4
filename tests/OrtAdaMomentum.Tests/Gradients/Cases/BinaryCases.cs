using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Elementwise operators of two inputs, in every way that shapes broadcast.</summary>
internal static class BinaryCases
{
    private static readonly (string Description, long[] Left, long[] Right)[] Broadcasts =
    [
        ("same shape", [2, 3], [2, 3]),
        ("scalar left", [], [2, 3]),
        ("scalar right", [2, 3], []),
        ("both scalars", [], []),
        ("one element right", [2, 3], [1]),
        ("size 1 left", [1, 3], [2, 3]),
        ("size 1 right", [2, 3], [2, 1]),
        ("size 1 on both sides", [2, 1, 3], [1, 4, 3]),
        ("missing leading axes left", [3], [2, 4, 3]),
        ("missing leading axis right", [2, 4, 3], [4, 3]),
        ("missing axes and size 1", [2, 1, 4, 1], [3, 1, 5]),
        ("rank 4, row right", [2, 2, 3, 2], [2]),
        ("channel right", [2, 3, 2, 2], [3, 1, 1]),
    ];

    public static readonly GradientCase[] All =
    [
        .. Broadcast("Add", static shape => Any(shape), static shape => Any(shape)),
        .. Broadcast("Sub", static shape => Any(shape), static shape => Any(shape)),
        .. Broadcast("Mul", static shape => Any(shape), static shape => Any(shape)),
        .. Broadcast("Div", static shape => Any(shape), static shape => AwayFrom([0, 0.2, -0.2], shape)),
        .. Broadcast("PRelu", static shape => AwayFrom([0], shape), static shape => Within(0.1, 0.5, shape))
            .Where(static item => IsWidest(item.Inputs[0].Shape, item.Inputs[1].Shape)),
        .. Broadcast("Mod", static shape => Within(2.1, 2.9, shape), static shape => Within(0.8, 1, shape)).Select(Floating),
        Floating(new("Mod", "every sign", Numbers([6], 5.5, -5.5, 5.5, -5.5, 0.5, -0.5), Numbers([6], 1.5, 1.5, -1.5, -1.5, 1.5, 1.5))),
        Floating(new("Mod", "constant right", AwayFrom([-1, 0, 1], 2, 3), Numbers([], 1).AsConstant)),
        new("Mul", "same value on both sides of 0", Numbers([3], 0, 1, -1), Numbers([3], 2, 0, 3)),
        new("Mul", "constant right", Any(2, 3), Any(3).AsConstant),
        new("Mul", "constant left", Any(3, 1).AsConstant, Any(2)),
    ];

    // The remainder of floating-point numbers is that of C's fmod; ONNX Runtime takes them with no other.
    private static GradientCase Floating(GradientCase item) => item.With(("fmod", 1L));

    // Some operators broadcast only their second input.
    private static bool IsWidest(long[] left, long[] right) =>
        right.Length <= left.Length && right.Zip(left[^right.Length..]).All(static pair => pair.First == 1 || pair.First == pair.Second);

    /// <summary>One case for every way of broadcasting.</summary>
    public static IEnumerable<GradientCase> Broadcast(string operatorType, Func<long[], CaseInput> left, Func<long[], CaseInput> right) =>
        Broadcasts.Select(shapes => new GradientCase(operatorType, shapes.Description, left(shapes.Left), right(shapes.Right)));
}
