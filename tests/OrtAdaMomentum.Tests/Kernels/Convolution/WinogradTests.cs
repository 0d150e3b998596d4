using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Convolution;
using OrtAdaMomentum.Kernels.Convolution.Winograd;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Kernels.Convolution;

public unsafe class WinogradTests
{
    public enum Part
    {
        Forward,
        InputGradient,
        FilterGradient,
    }

    public static TheoryData<Part, string, int> Cases => new(
        from part in Enum.GetValues<Part>()
        from shape in Shapes.Keys
        from width in Enum.GetValues<VectorWidth>()
        select new TheoryDataRow<Part, string, int>(part, shape, (int)width));

    public static TheoryData<Part, int, int, int, int> Paddings => new(
        from part in Enum.GetValues<Part>()
        from top in Enumerable.Range(0, 3)
        from left in Enumerable.Range(0, 3)
        from bottom in Enumerable.Range(0, 3)
        from right in Enumerable.Range(0, 3)
        select new TheoryDataRow<Part, int, int, int, int>(part, top, left, bottom, right));

    private static Dictionary<string, ConvolutionShape> Shapes { get; } = new()
    {
        ["even"] = Shape(2, 16, 32, 8, 10),
        ["odd"] = Shape(3, 17, 35, 7, 9),
        ["one row"] = Shape(2, 5, 6, 1, 12),
        ["one column"] = Shape(2, 5, 6, 9, 1),
        ["one element"] = Shape(1, 3, 2, 1, 1),
        ["2x2"] = Shape(5, 20, 18, 2, 2),
        ["3x3"] = Shape(5, 33, 31, 3, 3),
        ["one channel"] = Shape(2, 1, 1, 6, 5),
        ["wide"] = Shape(1, 4, 7, 5, 67),
        ["many blocks"] = Shape(3, 9, 40, 34, 33),
        ["deep"] = Shape(2, 300, 20, 6, 7),
        ["many filters, few patches"] = Shape(1, 200, 170, 3, 4),
        ["many sums, many patches"] = Shape(1, 5, 700, 20, 40),
        ["no image"] = Shape(0, 16, 16, 4, 4),
        ["no window"] = Shape(2, 3, 4, 1, 2) with { PadTop = 0, PadLeft = 0, PadBottom = 0, PadRight = 0 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_width_gives_what_the_definition_says(Part part, string name, int width) =>
        KernelAssert.Near(Expected(part, Shapes[name]), Compute(part, Shapes[name], KernelThreads.One, (VectorWidth)width));

    [Theory]
    [MemberData(nameof(Paddings))]
    public void Each_side_has_its_own_padding(Part part, int top, int left, int bottom, int right)
    {
        ConvolutionShape shape = Shape(2, 5, 18, 5, 6) with { PadTop = top, PadLeft = left, PadBottom = bottom, PadRight = right };
        KernelAssert.Near(Expected(part, shape), Compute(part, shape, KernelThreads.One, null));
    }

    [Theory]
    [InlineData(Part.Forward, "many blocks")]
    [InlineData(Part.Forward, "many filters, few patches")]
    [InlineData(Part.InputGradient, "many blocks")]
    [InlineData(Part.InputGradient, "many filters, few patches")]
    [InlineData(Part.FilterGradient, "many blocks")]
    [InlineData(Part.FilterGradient, "many filters, few patches")]
    [InlineData(Part.FilterGradient, "many sums, many patches")]
    public void Threads_do_not_change_a_bit(Part part, string name) => Assert.Equal(
        Compute(part, Shapes[name], KernelThreads.One, null), Compute(part, Shapes[name], TestThreads.Several, null));

    /// <summary>Transformed elements are sums of several inputs of either sign: that costs a bit or two against adding up products.</summary>
    [Theory]
    [InlineData(Part.Forward, 64, 8)]
    [InlineData(Part.Forward, 512, 4)]
    [InlineData(Part.InputGradient, 64, 8)]
    [InlineData(Part.InputGradient, 512, 4)]
    [InlineData(Part.FilterGradient, 64, 16)]
    [InlineData(Part.FilterGradient, 512, 4)]
    public void Few_digits_are_lost(Part part, int channels, int extent)
    {
        ConvolutionShape shape = Shape(1, channels, channels, extent, extent);
        KernelAssert.Near(Expected(part, shape), Compute(part, shape, KernelThreads.One, null), 1e-6);
    }

    [Fact]
    public void Other_convolutions_are_left_to_the_general_kernels()
    {
        ConvolutionShape shape = Shape(1, 32, 32, 4, 4);
        Assert.True(WinogradConvolution.Takes(shape));
        Assert.True(WinogradFilterGradient.Takes(shape));
        Assert.False(WinogradFilterGradient.Takes(shape with { InputChannels = 16 }));
        Assert.False(WinogradConvolution.Takes(shape with { Groups = 2 }));
        Assert.False(WinogradConvolution.Takes(shape with { KernelWidth = 1 }));
        Assert.False(WinogradConvolution.Takes(shape with { StrideHeight = 2 }));
        Assert.False(WinogradConvolution.Takes(shape with { DilationWidth = 2 }));
        Assert.False(WinogradConvolution.Takes(shape with { PadLeft = 3 }));
        Assert.False(WinogradConvolution.Takes(shape with { OutputChannels = 8 }));
    }

    private static ConvolutionShape Shape(int batch, int inputs, int outputs, int height, int width) => new()
    {
        Batch = batch, InputChannels = inputs, OutputChannels = outputs, Groups = 1, InputHeight = height, InputWidth = width,
        KernelHeight = 3, KernelWidth = 3, StrideHeight = 1, StrideWidth = 1, DilationHeight = 1, DilationWidth = 1,
        PadTop = 1, PadLeft = 1, PadBottom = 1, PadRight = 1,
    };

    private static float[] Input(ConvolutionShape shape) => KernelAssert.Random(shape.Batch * shape.InputChannels * shape.InputPlane, 1);

    private static float[] Filter(ConvolutionShape shape) =>
        KernelAssert.Random(shape.OutputChannels * shape.InputChannels * shape.Taps, 2);

    private static float[] Bias(ConvolutionShape shape) => KernelAssert.Random(shape.OutputChannels, 3);

    private static float[] Gradient(ConvolutionShape shape) =>
        KernelAssert.Random(shape.Batch * shape.OutputChannels * shape.OutputPlane, 4);

    private static double[] Expected(Part part, ConvolutionShape shape) => part switch
    {
        Part.Forward => ConvolutionReference.Output(shape, Input(shape), Filter(shape), Bias(shape)),
        Part.FilterGradient => ConvolutionReference.FilterGradient(shape, Input(shape), Gradient(shape)),
        _ => ConvolutionReference.InputGradient(shape, Gradient(shape), Filter(shape)),
    };

    private static float[] Compute(Part part, ConvolutionShape shape, KernelThreads threads, VectorWidth? width)
    {
        float[] input = Input(shape), filter = Filter(shape), bias = Bias(shape), gradient = Gradient(shape);
        float[] result = new float[(part switch { Part.Forward => gradient, Part.InputGradient => input, _ => filter }).Length];
        Array.Fill(result, float.NaN);
        using Scratch scratch = new();
        fixed (float* x = input, w = filter, b = bias, g = gradient, r = result)
        {
            if (part == Part.Forward)
            {
                ConvolutionForward.Arguments arguments = new() { Shape = shape, Input = x, Filter = w, Bias = b, Output = r };
                WinogradConvolution.Run(arguments, scratch, threads, width);
            }
            else if (part == Part.InputGradient)
            {
                ConvolutionInputGradient.Arguments arguments = new() { Shape = shape, OutputGradient = g, Filter = w, InputGradient = r };
                WinogradConvolution.Run(arguments, scratch, threads, width);
            }
            else
            {
                ConvolutionFilterGradient.Arguments arguments = new() { Shape = shape, Input = x, OutputGradient = g, FilterGradient = r };
                WinogradFilterGradient.Run(arguments, scratch, threads, width);
            }
        }

        return result;
    }
}
