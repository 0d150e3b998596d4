using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Resizing: every mode, every way to lay pixels and to round, sizes and scales. ONNX Runtime resizes in single precision only.</summary>
internal static class ResizeCases
{
    private const string ScalesAreSingle = "scales are single precision whatever the image is";

    private const string RegionsAreSingle = "ONNX Runtime reads regions in single precision";

    public static readonly GradientCase[] All =
    [
        // Pixels repeated.
        Scaled("doubled", [1, 2, 3, 4], [1, 1, 2, 2], [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]),
        Scaled("rows tripled", [2, 1, 2, 3], [1, 1, 3, 1]),
        Scaled("tripled by twice, prefer ceil", [1, 2, 2, 2], [1, 1, 3, 2], [("nearest_mode", "round_prefer_ceil")]),
        Scaled("sequence doubled", [2, 2, 3], [1, 1, 2], [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]),
        Sized(
            "volume doubled", [1, 2, 2, 2, 3], [1, 2, 4, 4, 6],
            [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]),
        Sized("quadrupled, pytorch_half_pixel", [1, 1, 2, 2], [1, 1, 8, 8], [("coordinate_transformation_mode", "pytorch_half_pixel")]),
        Sized("doubled, half_pixel_symmetric", [2, 1, 2, 3], [2, 1, 4, 6], [("coordinate_transformation_mode", "half_pixel_symmetric")]),
        Scaled("doubled, align_corners", [1, 1, 3, 4], [1, 1, 2, 2], [("coordinate_transformation_mode", "align_corners")]),
        Scaled("doubled, ceil", [1, 1, 3, 4], [1, 1, 2, 2], [("nearest_mode", "ceil")]),

        // Nearest pixel: one axis enlarged, one reduced.
        .. Nearest("half_pixel", "floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
        .. Nearest("pytorch_half_pixel", "floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
        .. Nearest("asymmetric", "floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
        .. Nearest("align_corners", "floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
        .. Nearest("half_pixel_symmetric", "round_prefer_floor", "round_prefer_ceil"),
        Scaled(
            "every second pixel", [1, 2, 4, 6], [1, 1, 0.5, 0.5],
            [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]),
        Sized("vector", [5], [8]),
        Sized("matrix", [2, 5], [3, 4]),
        Sized("all axes", [2, 3, 2, 2], [3, 2, 3, 4]),
        Sized("rank 6", [1, 2, 1, 2, 1, 3], [1, 3, 1, 2, 1, 5]),

        // Linear and cubic.
        .. Interpolated("linear", "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "asymmetric", "align_corners"),
        .. Interpolated("cubic", "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "asymmetric", "align_corners"),
        Scaled("linear, doubled", [2, 2, 3, 4], [1, 1, 2, 2], [("mode", "linear")]),
        Scaled("linear, fractional scales", [1, 2, 3, 4], [1, 1, 1.7, 0.6], [("mode", "linear")]),
        Scaled(
            "linear, symmetric at fractional scales", [1, 2, 3, 4], [1, 1, 1.7, 0.6],
            [("mode", "linear"), ("coordinate_transformation_mode", "half_pixel_symmetric")]),
        Scaled("linear, a scale that leaves the extent", [2, 4], [2, 1.1], [("mode", "linear")]),
        Scaled("linear, scales that leave all extents", [2, 4], [1.2, 1.1], [("mode", "linear")]),
        Scaled("linear, a scale below two that does not leave the extent", [1, 1, 2, 3], [1, 1, 1, 1.5], [("mode", "linear")]),
        Scaled("cubic, a scale that leaves the extent", [2, 4], [2, 1.1], [("mode", "cubic")]),
        Scaled("nearest, a scale that leaves the extent", [2, 3], [2, 1.2], [("nearest_mode", "ceil")]),
        Sized(
            "linear, to one pixel", [1, 2, 3, 4], [1, 2, 1, 1],
            [("mode", "linear"), ("coordinate_transformation_mode", "pytorch_half_pixel")]),
        Sized(
            "linear, corners to one pixel", [1, 2, 3, 4], [1, 2, 1, 1],
            [("mode", "linear"), ("coordinate_transformation_mode", "align_corners")]),
        Sized("linear, from one pixel", [1, 2, 1, 1], [1, 2, 3, 2], [("mode", "linear")]),
        Sized("linear, one axis", [1, 2, 3, 4], [1, 2, 5, 4], [("mode", "linear")]),
        Sized("linear, nothing to do", [1, 2, 3, 2], [1, 2, 3, 2], [("mode", "linear")]),
        Sized("linear, matrix", [3, 4], [5, 2], [("mode", "linear")]),
        Sized("linear, three axes", [3, 2, 4], [2, 4, 5], [("mode", "linear")]),
        Sized("linear, volume", [1, 2, 2, 3, 2], [1, 2, 3, 2, 4], [("mode", "linear")]),
        Sized("linear, channels last", [1, 3, 4, 2], [1, 5, 2, 2], [("mode", "linear")]),
        Sized("cubic, matrix", [4, 3], [3, 6], [("mode", "cubic")]),
        Sized("cubic, channels last", [1, 3, 4, 2], [1, 5, 6, 2], [("mode", "cubic")]),
        Sized("cubic, outside excluded", [1, 1, 4, 5], [1, 1, 7, 3], [("mode", "cubic"), ("exclude_outside", 1)]),
        Cubic("cubic, other coefficient", [1, 1, 4, 4], [1, 1, 6, 7], []),
        Cubic("cubic, other coefficient, outside excluded", [1, 1, 4, 4], [1, 1, 6, 7], [("exclude_outside", 1L)]),

        // Antialias.
        Sized("antialias, linear", [1, 2, 6, 7], [1, 2, 3, 2], [("mode", "linear"), ("antialias", 1)]),
        Sized("antialias, linear, enlarged and reduced", [1, 1, 3, 7], [1, 1, 5, 3], [("mode", "linear"), ("antialias", 1)]),
        Sized("antialias, linear, outside excluded", [6, 5], [2, 3], [("mode", "linear"), ("antialias", 1), ("exclude_outside", 1)]),
        Sized(
            "antialias, linear, align_corners", [6, 5], [2, 3],
            [("mode", "linear"), ("antialias", 1), ("coordinate_transformation_mode", "align_corners")]),
        Sized("antialias, linear, volume", [1, 1, 4, 5, 4], [1, 1, 2, 2, 3], [("mode", "linear"), ("antialias", 1)]),
        Sized("antialias, linear, channels last", [1, 6, 5, 2], [1, 3, 2, 2], [("mode", "linear"), ("antialias", 1)]),
        Sized("antialias, cubic", [1, 1, 8, 7], [1, 1, 3, 4], [("mode", "cubic"), ("antialias", 1)]),
        Sized(
            "antialias, cubic, outside excluded", [1, 1, 8, 7], [1, 1, 3, 4],
            [("mode", "cubic"), ("antialias", 1), ("exclude_outside", 1)]),
        Scaled("antialias, a scale that leaves the extent", [4, 4], [0.5, 1.1], [("mode", "linear"), ("antialias", 1)]) with
        {
            NoTorch = "ONNX Runtime copies an axis that keeps its extent, the specification filters it",
        },

        // Regions.
        Cropped("linear, region", "linear", [1, 2, 4, 5], [1, 2, 3, 6], [0, 0, 0.2, -0.15, 1, 1, 0.9, 1.1]),
        Cropped("nearest, region", "nearest", [1, 2, 4, 5], [1, 2, 3, 6], [0, 0, 0.2, -0.15, 1, 1, 0.85, 1.1]),
        Cropped("cubic, region", "cubic", [1, 2, 4, 5], [1, 2, 3, 6], [0, 0, 0.2, -0.15, 1, 1, 0.9, 1.1]) with
        {
            StaticOnly = "channels might come last, where ONNX Runtime reads the region of other axes",
        },
        Cropped("cubic, region of chosen axes", "cubic", [1, 2, 4, 5], [3, 6], [0.2, -0.15, 0.9, 1.1], ("axes", new long[] { 2, 3 })),
        Cropped("antialias, region", "linear", [6, 7], [3, 4], [0.2, -0.15, 0.9, 1.1], ("antialias", 1L)),
        Cropped("linear, region to one pixel", "linear", [1, 2, 4, 5], [1, 2, 1, 3], [0, 0, 0.2, 0.1, 1, 1, 0.9, 1]),
        Cropped("linear, region turned round", "linear", [3, 4], [4, 6], [0.9, 1, 0.1, 0]),
        Cropped("linear, region of the size that it was", "linear", [3, 4], [3, 6], [0.1, 0.2, 0.9, 0.7]) with
        {
            NoTorch = "ONNX Runtime crops no axis that keeps its extent",
        },
        new GradientCase(
            "Resize", "linear, region at run time, chosen axes",
            Any(1, 2, 4, 5), Numbers([4], 0.2, -0.15, 0.9, 1.1).AsFed, Omitted, Integers(3, 6)) { SingleOnly = RegionsAreSingle }
            .With(("mode", "linear"), ("coordinate_transformation_mode", "tf_crop_and_resize"), ("axes", new long[] { 2, 3 })),

        // Chosen axes.
        Sized("linear, axes", [1, 2, 3, 4], [5, 2], [("mode", "linear"), ("axes", [2, 3])]),
        Sized("linear, axes in another order, negative", [1, 2, 3, 4], [2, 5], [("mode", "linear"), ("axes", [-1, -2])]),
        Scaled("cubic, axes with scales", [1, 2, 3, 4], [1.7, 2.5], [("mode", "cubic"), ("axes", [3, 2])]),
        Scaled(
            "doubled, axes", [1, 2, 3, 4], [2, 2],
            [("axes", [2, 3]), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]),

        // Ratio kept.
        .. KeptRatio("not_larger"),
        .. KeptRatio("not_smaller"),

        // Parameters at run time.
        AtRunTime("linear, sizes at run time", [2, 2, 3, 4], [2, 2, 5, 3], [("mode", "linear")]),
        AtRunTime(
            "nearest, sizes at run time", [1, 2, 3, 4], [1, 2, 6, 3],
            [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]),
        AtRunTime("cubic, sizes of chosen axes at run time", [1, 2, 3, 4], [5, 3], [("mode", "cubic"), ("axes", [2, 3])]),
        ScaledAtRunTime("linear, scales at run time", [2, 2, 3, 4], [1, 1, 1.5, 0.7], [("mode", "linear")]),
        ScaledAtRunTime("linear, scales at run time, one leaves the extent", [1, 2, 3, 4], [1, 1, 1.5, 1.1], [("mode", "linear")]),
        ScaledAtRunTime("linear, scales at run time leave all extents", [1, 2, 3, 4], [1, 1, 1.2, 1.1], [("mode", "linear")]),
        ScaledAtRunTime("nearest, scales at run time", [1, 2, 3, 4], [1, 1, 2, 2], []),

        // Batches without images.
        Sized(
            "doubled, empty batch", [0, 2, 2, 2], [0, 2, 4, 4],
            [("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]),
        Sized("linear, empty batch", [0, 2, 3, 2], [0, 2, 4, 4], [("mode", "linear")]),
    ];

    private static GradientCase Sized(string description, long[] shape, long[] sizes, (string Name, CaseAttribute Value)[]? attributes = null) =>
        With(new GradientCase("Resize", description, Any(shape), Omitted, Omitted, Integers(sizes)), attributes);

    private static GradientCase Scaled(string description, long[] shape, double[] scales, (string Name, CaseAttribute Value)[]? attributes = null) =>
        With(
            new GradientCase("Resize", description, Any(shape), Omitted, Numbers([scales.Length], scales).AsConstant) { SingleOnly = ScalesAreSingle },
            attributes);

    private static GradientCase AtRunTime(string description, long[] shape, long[] sizes, (string Name, CaseAttribute Value)[] attributes) =>
        With(new GradientCase("Resize", description, Any(shape), Omitted, Omitted, Integers(sizes).AsFed.AsParameter), attributes);

    private static GradientCase ScaledAtRunTime(string description, long[] shape, double[] scales, (string Name, CaseAttribute Value)[] attributes) =>
        With(
            new GradientCase("Resize", description, Any(shape), Omitted, Numbers([scales.Length], scales).AsFed.AsParameter) { SingleOnly = ScalesAreSingle },
            attributes);

    private static GradientCase Cubic(string description, long[] shape, long[] sizes, (string Name, object Value)[] attributes) =>
        new GradientCase("Resize", description, Any(shape), Omitted, Omitted, Integers(sizes)).With([("mode", "cubic"), ("cubic_coeff_a", -0.5f), .. attributes]);

    private static GradientCase Cropped(
        string description, string mode, long[] shape, long[] sizes, double[] region, params (string Name, object Value)[] attributes) =>
        new GradientCase("Resize", description, Any(shape), Numbers([region.Length], region).AsConstant, Omitted, Integers(sizes))
        {
            SingleOnly = RegionsAreSingle,
        }
        .With([("mode", mode), ("coordinate_transformation_mode", "tf_crop_and_resize"), ("extrapolation_value", 3f), .. attributes]);

    private static IEnumerable<GradientCase> Nearest(string coordinates, params string[] roundings) =>
        roundings.Select(rounding => Scaled(
            $"{coordinates}, {rounding}", [1, 1, 4, 5], [1, 1, 1.7, 0.7], [("coordinate_transformation_mode", coordinates), ("nearest_mode", rounding)]));

    private static IEnumerable<GradientCase> Interpolated(string mode, params string[] coordinates) =>
        coordinates.Select(coordinate => Sized(
            $"{mode}, {coordinate}", [1, 2, 4, 5], [1, 2, 7, 3], [("mode", mode), ("coordinate_transformation_mode", coordinate)]));

    private static IEnumerable<GradientCase> KeptRatio(string policy) =>
    [
        Sized($"{policy}, linear", [1, 2, 3, 4], [7, 7], [("mode", "linear"), ("axes", [2, 3]), ("keep_aspect_ratio_policy", policy)]),
        Sized(
            $"{policy}, linear, volume", [1, 1, 3, 4, 2], [5, 7, 3],
            [("mode", "linear"), ("axes", [2, 3, 4]), ("keep_aspect_ratio_policy", policy)]),
        Sized(
            $"{policy}, cubic, reduced", [1, 1, 7, 5], [3, 3],
            [("mode", "cubic"), ("axes", [2, 3]), ("keep_aspect_ratio_policy", policy)]),
        Sized($"{policy}, nearest, matrix", [3, 4], [8, 7], [("keep_aspect_ratio_policy", policy)]),
        AtRunTime(
            $"{policy}, sizes at run time", [1, 2, 3, 4], [7, 7],
            [("mode", "linear"), ("axes", [2, 3]), ("keep_aspect_ratio_policy", policy)]),
    ];

    private static GradientCase With(GradientCase @case, (string Name, CaseAttribute Value)[]? attributes) =>
        @case.With([.. (attributes ?? []).Select(static pair => (pair.Name, pair.Value.Value))]);
}
