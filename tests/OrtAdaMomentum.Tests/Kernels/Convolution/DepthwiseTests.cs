using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Convolution;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Kernels.Convolution;

public unsafe class DepthwiseTests
{
    public static TheoryData<string, int> FilterCases => Over(Shapes);

    public static TheoryData<string, int> InputCases => Over(Shapes.Where(static each => DepthwiseInputGradient.Takes(each.Value)).ToDictionary());

    private static Dictionary<string, ConvolutionShape> Shapes { get; } = new()
    {
        ["3x3"] = Shape(2, 7, 10, 18, 3, 1, 1),
        ["3x3 of 48"] = Shape(3, 2, 48, 48, 3, 1, 1),
        ["3x3 small"] = Shape(3, 40, 6, 6, 3, 1, 1),
        ["3x3 unpadded"] = Shape(2, 3, 9, 33, 3, 1, 0),
        ["3x3 stride 2"] = Shape(2, 5, 12, 17, 3, 2, 1),
        ["3x3 stride 2 of 48"] = Shape(2, 3, 48, 48, 3, 2, 1),
        ["3x3 stride 2, odd"] = Shape(2, 3, 7, 67, 3, 2, 1),
        ["3x3 stride 2 unpadded"] = Shape(2, 3, 8, 10, 3, 2, 0),
        ["3x3 padded after"] = Shape(2, 4, 11, 12, 3, 2, 0) with { PadBottom = 1, PadRight = 1 },
        ["5x5"] = Shape(2, 6, 14, 19, 5, 1, 2),
        ["5x5 stride 2"] = Shape(2, 6, 12, 17, 5, 2, 2),
        ["5x5 stride 2 uneven"] = Shape(1, 3, 9, 35, 5, 2, 1) with { PadLeft = 2, PadBottom = 3 },
        ["more padding than kernel"] = Shape(1, 3, 5, 6, 3, 1, 4),
        ["more padding than kernel, stride 2"] = Shape(1, 3, 5, 6, 3, 2, 5),
        ["one element"] = Shape(1, 1, 1, 1, 3, 1, 1),
        ["no window"] = Shape(2, 3, 2, 2, 3, 1, 0),
        ["no image"] = Shape(0, 3, 5, 6, 3, 1, 1),
    };

    [Theory]
    [MemberData(nameof(FilterCases))]
    public void Every_width_gives_the_gradient_of_the_filter(string name, int width)
    {
        ConvolutionShape shape = Shapes[name];
        Assert.True(DepthwiseFilterGradient.Takes(shape));
        var (input, _, gradient) = Operands(shape);
        KernelAssert.Near(
            ConvolutionReference.FilterGradient(shape, input, gradient), FilterGradient(shape, KernelThreads.One, (VectorWidth)width));
    }

    [Theory]
    [InlineData("3x3 small")]
    [InlineData("3x3 stride 2 of 48")]
    [InlineData("5x5 stride 2")]
    public void Threads_do_not_change_a_bit_of_the_filter(string name) => Assert.Equal(
        FilterGradient(Shapes[name], KernelThreads.One, null), FilterGradient(Shapes[name], TestThreads.Several, null));

    [Theory]
    [MemberData(nameof(InputCases))]
    public void Every_width_gives_the_gradient_of_the_input(string name, int width)
    {
        ConvolutionShape shape = Shapes[name];
        var (_, filter, gradient) = Operands(shape);
        KernelAssert.Near(
            ConvolutionReference.InputGradient(shape, gradient, filter), InputGradient(shape, KernelThreads.One, (VectorWidth)width));
    }

    [Theory]
    [InlineData("3x3 small")]
    [InlineData("3x3 of 48")]
    public void Threads_do_not_change_a_bit_of_the_input(string name) => Assert.Equal(
        InputGradient(Shapes[name], KernelThreads.One, null), InputGradient(Shapes[name], TestThreads.Several, null));

    [Fact]
    public void Other_filters_are_left_to_the_general_kernel()
    {
        ConvolutionShape shape = Shapes["3x3"];
        Assert.False(DepthwiseFilterGradient.Takes(shape with { Groups = 1 }));
        Assert.False(DepthwiseFilterGradient.Takes(shape with { OutputChannels = 14 }));
        Assert.False(DepthwiseFilterGradient.Takes(shape with { KernelWidth = 5 }));
        Assert.False(DepthwiseFilterGradient.Takes(shape with { KernelWidth = 4, KernelHeight = 4 }));
        Assert.False(DepthwiseFilterGradient.Takes(shape with { StrideWidth = 2 }));
        Assert.False(DepthwiseFilterGradient.Takes(shape with { DilationHeight = 2 }));
    }

    private static TheoryData<string, int> Over(Dictionary<string, ConvolutionShape> shapes) => new(
        from shape in shapes.Keys
        from width in Enum.GetValues<VectorWidth>()
        select new TheoryDataRow<string, int>(shape, (int)width));

    private static ConvolutionShape Shape(int batch, int channels, int height, int width, int kernel, int stride, int pad) => new()
    {
        Batch = batch, InputChannels = channels, OutputChannels = channels, Groups = channels, InputHeight = height, InputWidth = width,
        KernelHeight = kernel, KernelWidth = kernel, StrideHeight = stride, StrideWidth = stride, DilationHeight = 1, DilationWidth = 1,
        PadTop = pad, PadLeft = pad, PadBottom = pad, PadRight = pad,
    };

    private static (float[] Input, float[] Filter, float[] Gradient) Operands(ConvolutionShape shape) => (
        KernelAssert.Random(shape.Batch * shape.InputChannels * shape.InputPlane, 1),
        KernelAssert.Random(shape.OutputChannels * shape.Taps, 2),
        KernelAssert.Random(shape.Batch * shape.OutputChannels * shape.OutputPlane, 3));

    private static float[] FilterGradient(ConvolutionShape shape, KernelThreads threads, VectorWidth? width)
    {
        var (input, filter, gradient) = Operands(shape);
        float[] result = [.. filter.Select(static _ => float.NaN)];
        fixed (float* x = input, g = gradient, r = result)
            DepthwiseFilterGradient.Run(new() { Shape = shape, Input = x, OutputGradient = g, FilterGradient = r }, threads, width);
        return result;
    }

    private static float[] InputGradient(ConvolutionShape shape, KernelThreads threads, VectorWidth? width)
    {
        var (input, filter, gradient) = Operands(shape);
        float[] result = [.. input.Select(static _ => float.NaN)];
        fixed (float* w = filter, g = gradient, r = result)
            DepthwiseInputGradient.Run(new() { Shape = shape, OutputGradient = g, Filter = w, InputGradient = r }, threads, width);
        return result;
    }
}
