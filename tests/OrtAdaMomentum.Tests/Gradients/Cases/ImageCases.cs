using static OrtAdaMomentum.Tests.Gradients.CaseInputs;

namespace OrtAdaMomentum.Tests.Gradients.Cases;

/// <summary>Unpooling, regions, blocks, cropping.</summary>
internal static class ImageCases
{
    private static readonly long[] TwoByTwo = [2, 2];

    public static readonly GradientCase[] All =
    [
        Unpool("2x2, stride 2", Any(1, 2, 2, 2), IntegersOf([1, 2, 2, 2], 5, 2, 8, 15, 16, 18, 25, 31), TwoByTwo, ("strides", [2, 2])),
        Unpool("places known at run time", Any(1, 1, 2, 2), IntegersOf([1, 1, 2, 2], 5, 7, 13, 15).AsFed, TwoByTwo, ("strides", [2, 2])),
        Unpool("padded", Any(1, 1, 2, 2), IntegersOf([1, 1, 2, 2], 0, 1, 3, 2), TwoByTwo, ("strides", [2, 2]), ("pads", [1, 1, 1, 1])),
        Unpool("1-d", Any(2, 1, 3), IntegersOf([2, 1, 3], 0, 3, 5, 6, 9, 11), [2], ("strides", [2])),
        Unpool("3-d", Any(1, 1, 1, 2, 1), IntegersOf([1, 1, 1, 2, 1], 3, 12), [2, 2, 2], ("strides", [2, 2, 2])),
        new GradientCase("MaxUnpool", "shape given", Any(1, 1, 2, 2), IntegersOf([1, 1, 2, 2], 6, 8, 16, 24), Integers(1, 1, 5, 5))
            .With(("kernel_shape", TwoByTwo), ("strides", TwoByTwo)),
        new GradientCase("MaxUnpool", "shape known at run time", Any(1, 1, 2, 2), IntegersOf([1, 1, 2, 2], 6, 8, 16, 24), Integers(1, 1, 5, 5).AsFed)
            .With(("kernel_shape", TwoByTwo), ("strides", TwoByTwo)),

        Regions("whole images", Distinct(0, 2, 2, 4, 4), Numbers([2, 5], 0, 0, 0, 3, 3, 1, 0, 0, 3, 3), [2, 2]),
        Regions("overlapping bins", Distinct(0, 1, 2, 5, 6), Numbers([2, 5], 0, 1, 0, 4, 4, 0, 0, 1, 5, 3), [3, 2]),
        Regions("scaled", Distinct(0, 2, 1, 4, 5), Numbers([3, 5], 1, 2, 1, 7, 6, 0, 3, 0, 9, 5, 1, 1, 1, 4, 7), [2, 3], ("spatial_scale", 0.5f)),
        Regions("beyond the image", Distinct(0, 1, 1, 3, 4), Numbers([2, 5], 0, -3, 1, 2, 5, 0, 2, 2, 8, 9), [2, 2]),
        Regions("corners in the wrong order", Distinct(0, 1, 2, 4, 4), Numbers([1, 5], 0, 3, 2, 1, 1), [2, 2]),
        Regions("regions known at run time", Distinct(0, 2, 2, 4, 4), Numbers([2, 5], 1, 0, 1, 2, 3, 0, 1, 1, 3, 2).AsFed, [2, 2]),
        Regions("maxima below zero", Distinct(-9, 1, 1, 4, 4), Numbers([1, 5], 0, 0, 0, 3, 3), [2, 2]),
        new GradientCase("MaxRoiPool", "regions are rounded", Distinct(0, 1, 2, 4, 4), Numbers([1, 5], 0.2, 0.2, 0.9, 2.2, 3.1))
            .With(("pooled_shape", TwoByTwo)),

        Blocks("2x2 without overlap", [1, 4, 6], [4, 6], [2, 2], ("strides", [2, 2])),
        Blocks("2x2, overlapping", [2, 8, 6], [3, 4], [2, 2]),
        Blocks("2x3, padded", [1, 12, 12], [3, 4], [2, 3], ("pads", [1, 0, 0, 2])),
        Blocks("dilation 2", [1, 4, 6], [4, 5], [2, 2], ("dilations", [2, 2])),
        Blocks("dilation 2, stride 2, padded", [1, 6, 6], [5, 5], [2, 3], ("dilations", [2, 1]), ("strides", [2, 2]), ("pads", [1, 1, 0, 1])),
        Blocks("1-d", [2, 6, 4], [6], [3]),
        Blocks("1-d, stride 2", [2, 3, 3], [7], [3], ("strides", [2])),
        Blocks("3-d", [1, 8, 4], [2, 3, 3], [2, 2, 2]),
        new GradientCase("Col2Im", "image shape known at run time", Any(1, 8, 6), Integers(3, 4).AsFed, Integers(2, 2)),

        CropPad("crop, even", [2, 6, 4], Integers(2, 2), ("axes", [1, 2])),
        CropPad("crop, odd", [5, 6], Integers(2, 3)),
        CropPad("pad, odd", [2, 3], Integers(5, 6)),
        CropPad("crop one, pad the other", [5, 3, 2], Integers(2, 6), ("axes", [0, 1])),
        CropPad("negative axes", [2, 3, 5], Integers(4, 2), ("axes", [-1, -2])),
        CropPad("nothing to do", [2, 3], Integers(2, 3)),
        CropPad("to nothing", [2, 3], Integers(0, 2)),
        CropPad("shape known at run time", [5, 4, 3], Integers(2, 7).AsFed, ("axes", [0, 2])),
    ];

    private static GradientCase Unpool(
        string description, CaseInput input, CaseInput places, long[] kernel, params (string Name, CaseAttribute Value)[] attributes) =>
        new GradientCase("MaxUnpool", description, input, places)
            .With([("kernel_shape", kernel), .. attributes.Select(static pair => (pair.Name, pair.Value.Value))]);

    private static GradientCase Regions(
        string description, CaseInput input, CaseInput regions, long[] pooled, params (string Name, object Value)[] attributes) =>
        new GradientCase("MaxRoiPool", description, input, regions.Role == InputRole.Variable ? regions.AsConstant : regions).With([("pooled_shape", pooled), .. attributes]);

    private static GradientCase Blocks(
        string description, long[] input, long[] image, long[] block, params (string Name, CaseAttribute Value)[] attributes) =>
        new GradientCase("Col2Im", description, Any(input), Integers(image), Integers(block))
            .With([.. attributes.Select(static pair => (pair.Name, pair.Value.Value))]);

    private static GradientCase CropPad(string description, long[] input, CaseInput shape, params (string Name, CaseAttribute Value)[] attributes) =>
        new GradientCase("CenterCropPad", description, Any(input), shape)
            .With([.. attributes.Select(static pair => (pair.Name, pair.Value.Value))]);
}
