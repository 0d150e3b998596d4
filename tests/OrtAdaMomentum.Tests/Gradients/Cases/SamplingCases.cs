using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Sampling images at points and regions: AffineGrid, GridSample, RoiAlign.</summary>
internal static class SamplingCases
{
    private static readonly string[] Paddings = ["zeros", "border", "reflection"];

    public static readonly GradientCase[] All =
    [
        AffineGrid("plane", [2, 2, 3], [2, 3, 4, 5], 0),
        AffineGrid("plane, corners aligned", [2, 2, 3], [2, 1, 3, 4], 1),
        AffineGrid("space", [2, 3, 4], [2, 1, 2, 3, 4], 0),
        AffineGrid("space, corners aligned", [1, 3, 4], [1, 2, 3, 2, 2], 1),
        new("AffineGrid", "size at run time", Any(2, 2, 3), Integers(2, 3, 4, 5).AsFed.AsParameter),

        .. new[] { "linear", "nearest", "cubic" }.SelectMany(static mode => Paddings.SelectMany(padding => new[]
        {
            GridSample($"{mode}, {padding}, corners outside", [2, 2, 4, 5], [2, 3, 2, 2], mode, padding, 0),
            GridSample($"{mode}, {padding}, corners aligned", [2, 2, 4, 5], [2, 3, 2, 2], mode, padding, 1),
        })),
        .. new[] { "linear", "nearest" }.SelectMany(static mode => Paddings
            .Select((padding, index) => GridSample($"volume, {mode}, {padding}", [1, 2, 3, 2, 4], [1, 2, 2, 2, 3], mode, padding, index % 2))),
        new("GridSample", "without attributes", Any(1, 1, 3, 3), Within(-1.3, 1.3, 1, 2, 2, 2)),
        new("GridSample", "frozen grid", Any(1, 2, 3, 3), Within(-1.3, 1.3, 1, 2, 2, 2).AsConstant),
        new("GridSample", "frozen image", Any(1, 2, 3, 3).AsFed, Within(-1.3, 1.3, 1, 2, 2, 2)),
        GridSample("points far outside, reflection", [1, 1, 3, 2], [1, 3, 3, 2], "linear", "reflection", 0, 4),
        GridSample("points far outside, aligned reflection", [1, 1, 3, 2], [1, 3, 3, 2], "cubic", "reflection", 1, 4),
        GridSample("points far outside, zeros", [1, 1, 3, 2], [1, 3, 3, 2], "cubic", "zeros", 1, 4),
        GridSample("one pixel", [1, 2, 1, 1], [1, 2, 2, 2], "linear", "zeros", 0),

        .. new[] { "avg", "max" }.SelectMany(static mode => new[]
        {
            RoiAlign($"{mode}, two samples", mode, ("sampling_ratio", 2), ("output_height", 2), ("output_width", 3)),
            RoiAlign($"{mode}, one sample, one bin", mode, ("sampling_ratio", 1)),
            RoiAlign($"{mode}, adaptive", mode, ("output_height", 2), ("output_width", 2)),
            RoiAlign($"{mode}, adaptive, output_half_pixel", mode, ("output_height", 2), ("coordinate_transformation_mode", "output_half_pixel")),
            RoiAlign(
                $"{mode}, three samples, output_half_pixel", mode,
                ("sampling_ratio", 3), ("output_width", 2), ("coordinate_transformation_mode", "output_half_pixel")),
        }),
        ScaledRegions("avg"),
        ScaledRegions("max"),
    ];

    private static GradientCase AffineGrid(string description, long[] theta, long[] size, long align) =>
        new GradientCase("AffineGrid", description, Any(theta), Integers(size)).With(("align_corners", align));

    private static GradientCase GridSample(
        string description, long[] image, long[] grid, string mode, string padding, long align, double reach = 1.4) =>
        new GradientCase("GridSample", description, Any(image), Within(-reach, reach, grid))
            .With(("mode", mode), ("padding_mode", padding), ("align_corners", align));

    /// <summary>Regions of one image, known only at run time.</summary>
    private static GradientCase ScaledRegions(string mode) =>
        new GradientCase(
            "RoiAlign", $"{mode}, scaled", Any(1, 2, 4, 5), Numbers([2, 4], 2.2, 1.4, 7.1, 6.3, -3, -2.5, 20, 9).AsFed, IntegersOf([2], 0, 0).AsFed)
            .With(("mode", mode), ("spatial_scale", 0.5f), ("sampling_ratio", 2L), ("output_height", 3L), ("output_width", 2L));

    /// <summary>Small and large regions, one partly and one wholly outside of the image, in two of three images.</summary>
    private static GradientCase RoiAlign(string description, string mode, params (string Name, CaseAttribute Value)[] attributes) =>
        new GradientCase(
            "RoiAlign", description, Any(3, 2, 6, 5),
            Numbers([4, 4], 0.7, 1.1, 3.9, 5.2, 1.6, 0.4, 2.2, 1.3, -2.3, 2.2, 2.4, 7.7, 9, 9, 12, 11).AsConstant,
            IntegersOf([4], 2, 0, 2, 0))
            .With([("mode", mode), .. attributes.Select(static pair => (pair.Name, pair.Value.Value))]);
}
