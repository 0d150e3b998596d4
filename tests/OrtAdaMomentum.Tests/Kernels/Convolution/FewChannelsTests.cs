using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Convolution;
using OrtAdaMomentum.Kernels.Convolution.ImageLanes;

namespace OrtAdaMomentum.Tests.Kernels.Convolution;

public unsafe class FewChannelsTests
{
    public static TheoryData<string> Cases => [.. Shapes.Keys];

    private static Dictionary<string, ConvolutionShape> Shapes { get; } = new()
    {
        ["5x5 one channel"] = Shape(19, 1, 6, 14, 14, 5, 1, 2),
        ["5x5"] = Shape(16, 6, 16, 14, 14, 5, 1, 0),
        ["3x3"] = Shape(17, 3, 10, 9, 7, 3, 1, 1),
        ["3x3 stride 2"] = Shape(8, 3, 5, 11, 12, 3, 2, 1),
        ["3x3 stride 3, nothing at the edge"] = Shape(9, 3, 4, 11, 13, 3, 3, 0),
        ["3x3 wide"] = Shape(3, 2, 7, 5, 150, 3, 1, 1),
        ["3x3 stride 2 wide"] = Shape(5, 8, 16, 40, 60, 3, 2, 1),
        ["2x2 stride 2"] = Shape(33, 2, 2, 8, 8, 2, 2, 0),
        ["7x7 stride 2"] = Shape(2, 3, 16, 20, 19, 7, 2, 3),
        ["1x1"] = Shape(16, 4, 3, 5, 5, 1, 1, 0),
        ["1x1 stride 2"] = Shape(4, 3, 9, 6, 7, 1, 2, 0),
        ["1x1 padded"] = Shape(2, 3, 4, 5, 6, 1, 1, 2),
        ["dilated"] = Shape(10, 3, 7, 13, 12, 3, 1, 2) with { DilationHeight = 2, DilationWidth = 3, PadRight = 4 },
        ["dilated stride 2"] = Shape(4, 6, 7, 13, 14, 3, 2, 2) with { DilationHeight = 2, DilationWidth = 3 },
        ["groups"] = Shape(18, 6, 9, 8, 9, 3, 1, 1) with { Groups = 3 },
        ["groups stride 2"] = Shape(3, 8, 12, 8, 9, 3, 2, 1) with { Groups = 4 },
        ["one axis"] = Shape(20, 2, 9, 1, 40, 1, 1, 0) with { KernelWidth = 5, PadLeft = 4, PadRight = 1 },
        ["one axis, many taps"] = Shape(8, 1, 3, 1, 1000, 1, 1, 0) with { KernelWidth = 80, StrideWidth = 4 },
        ["uneven"] = Shape(16, 4, 13, 9, 12, 3, 1, 0) with { KernelWidth = 2, StrideWidth = 2, PadTop = 2, PadRight = 1 },
        ["more padding than kernel"] = Shape(2, 3, 4, 5, 6, 2, 1, 3),
        ["one element"] = Shape(1, 1, 1, 1, 1, 1, 1, 0),
        ["no window"] = Shape(8, 3, 4, 2, 2, 3, 1, 0),
        ["no image"] = Shape(0, 3, 4, 5, 6, 3, 1, 1),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_output_is_what_the_definition_says(string name)
    {
        ConvolutionShape shape = Shapes[name];
        ConvolutionOperands all = new(shape);
        KernelRuns.Check(
            name, (width, threads) => [all.Run(all.Gradient.Length, (x, w, b, _, r, scratch) =>
                FewChannels.Forward(new() { Shape = shape, Input = x, Filter = w, Bias = b, Output = r }, scratch, threads, width))],
            ConvolutionReference.Output(shape, all.Input, all.Filter, all.Bias));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_of_the_input_is_what_the_definition_says(string name)
    {
        ConvolutionShape shape = Shapes[name];
        ConvolutionOperands all = new(shape);
        KernelRuns.Check(
            name, (width, threads) => [all.Run(all.Input.Length, (_, w, _, g, r, scratch) => FewChannels.InputGradient(
                new() { Shape = shape, OutputGradient = g, Filter = w, InputGradient = r }, scratch, threads, width))],
            ConvolutionReference.InputGradient(shape, all.Gradient, all.Filter));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_of_the_filter_is_what_the_definition_says(string name)
    {
        ConvolutionShape shape = Shapes[name];
        ConvolutionOperands all = new(shape);
        KernelRuns.Check(
            name, (width, threads) => [all.Run(all.Filter.Length, (x, _, _, g, r, scratch) => FewChannels.FilterGradient(
                new() { Shape = shape, Input = x, OutputGradient = g, FilterGradient = r }, scratch, threads, width))],
            ConvolutionReference.FilterGradient(shape, all.Input, all.Gradient));
    }

    [Fact]
    public void No_bias_is_a_bias_of_zero()
    {
        ConvolutionShape shape = Shapes["3x3"];
        ConvolutionOperands all = new(shape);
        float[] output = all.Run(all.Gradient.Length, (x, w, _, _, r, scratch) =>
            FewChannels.Forward(new() { Shape = shape, Input = x, Filter = w, Output = r }, scratch, KernelThreads.One, null));
        KernelAssert.Near(ConvolutionReference.Output(shape, all.Input, all.Filter, new float[all.Bias.Length]), output);
    }

    [Fact]
    public void What_the_other_kernels_compute_faster_is_left_to_them()
    {
        ConvolutionShape shape = Shapes["5x5"];
        Assert.True(FewChannels.Takes(shape));
        Assert.True(FewChannels.TakesFilter(shape));
        Assert.False(FewChannels.Takes(shape with { Batch = 2 }));
        Assert.False(FewChannels.TakesFilter(shape with { Batch = 2 }));
        Assert.False(FewChannels.Takes(shape with { InputChannels = 64 }));
        Assert.False(FewChannels.TakesFilter(shape with { OutputChannels = 32 }));
        Assert.False(FewChannels.Takes(shape with { InputHeight = 200, InputWidth = 200 }));
        Assert.False(FewChannels.Takes(shape with { KernelHeight = 1, KernelWidth = 1 }));
    }

    private static ConvolutionShape Shape(int batch, int inputs, int outputs, int height, int width, int kernel, int stride, int pad) => new()
    {
        Batch = batch, InputChannels = inputs, OutputChannels = outputs, Groups = 1, InputHeight = height, InputWidth = width,
        KernelHeight = kernel, KernelWidth = kernel, StrideHeight = stride, StrideWidth = stride, DilationHeight = 1, DilationWidth = 1,
        PadTop = pad, PadLeft = pad, PadBottom = pad, PadRight = pad,
    };
}
