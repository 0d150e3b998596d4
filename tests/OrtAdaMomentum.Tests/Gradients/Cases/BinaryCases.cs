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
        new("Mul", "constant right", Any(2, 3), Any(3).AsConstant),
        new("Mul", "constant left", Any(3, 1).AsConstant, Any(2)),
    ];

    /// <summary>One case for every way of broadcasting.</summary>
    public static IEnumerable<GradientCase> Broadcast(string operatorType, Func<long[], CaseInput> left, Func<long[], CaseInput> right) =>
        Broadcasts.Select(shapes => new GradientCase(operatorType, shapes.Description, left(shapes.Left), right(shapes.Right)));
}
