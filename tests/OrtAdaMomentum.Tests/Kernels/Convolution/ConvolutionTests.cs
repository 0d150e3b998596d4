using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Convolution;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Kernels.Convolution;

public unsafe class ConvolutionTests
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

    private static Dictionary<string, ConvolutionShape> Shapes { get; } = new()
    {
        ["3x3"] = Shape(2, 15, 24, 9, 10, 3, 1, 1),
        ["3x3 wide"] = Shape(1, 5, 13, 34, 33, 3, 1, 1),
        ["5x3 many channels"] = Shape(3, 64, 33, 4, 4, 3, 1, 1) with { KernelHeight = 5 },
        ["3x3 stride 2"] = Shape(2, 8, 16, 11, 12, 3, 2, 1),
        ["3x3 stride 2 to 4 columns"] = Shape(9, 8, 16, 8, 8, 3, 2, 1),
        ["3x3 stride 2 to 8 columns"] = Shape(3, 4, 5, 16, 16, 3, 2, 1),
        ["3x3 stride 3, nothing at the edge"] = Shape(1, 3, 4, 11, 13, 3, 3, 0),
        ["5x5 one channel"] = Shape(3, 1, 6, 14, 14, 5, 1, 2),
        ["1x1"] = Shape(2, 19, 20, 7, 5, 1, 1, 0),
        ["1x1, small planes"] = Shape(5, 40, 21, 3, 3, 1, 1, 0),
        ["1x1, small planes of more outputs"] = Shape(3, 7, 50, 2, 4, 1, 1, 0),
        ["1x1, large planes"] = Shape(2, 7, 18, 20, 19, 1, 1, 0),
        ["1x1, large planes of more inputs"] = Shape(3, 37, 5, 25, 30, 1, 1, 0),
        ["1x1, no image"] = Shape(0, 9, 5, 2, 2, 1, 1, 0),
        ["1x1 stride 2"] = Shape(2, 16, 32, 8, 9, 1, 2, 0),
        ["1x1 padded"] = Shape(1, 3, 4, 5, 6, 1, 1, 2),
        ["2x2 stride 2"] = Shape(2, 4, 4, 8, 8, 2, 2, 0),
        ["7x7 stride 2"] = Shape(1, 3, 16, 20, 19, 7, 2, 3),
        ["dilated"] = Shape(2, 6, 7, 13, 12, 3, 1, 2) with { DilationHeight = 2, DilationWidth = 3, PadRight = 4 },
        ["dilated stride 2"] = Shape(2, 6, 7, 13, 14, 3, 2, 2) with { DilationHeight = 2, DilationWidth = 3 },
        ["groups"] = Shape(2, 12, 18, 8, 9, 3, 1, 1) with { Groups = 3 },
        ["groups stride 2"] = Shape(2, 12, 8, 8, 9, 3, 2, 1) with { Groups = 4 },
        ["depthwise"] = Shape(2, 7, 7, 10, 18, 3, 1, 1) with { Groups = 7 },
        ["depthwise stride 2"] = Shape(2, 6, 6, 12, 17, 5, 2, 2) with { Groups = 6 },
        ["depthwise times 2"] = Shape(2, 5, 10, 9, 8, 3, 1, 1) with { Groups = 5 },
        ["one axis"] = Shape(2, 8, 9, 1, 40, 1, 1, 0) with { KernelWidth = 5, PadLeft = 4, PadRight = 1 },
        ["uneven"] = Shape(2, 4, 5, 9, 12, 3, 1, 0) with { KernelWidth = 2, StrideWidth = 2, PadTop = 2, PadRight = 1 },
        ["more padding than kernel"] = Shape(1, 3, 4, 5, 6, 2, 1, 3),
        ["one element"] = Shape(1, 1, 1, 1, 1, 1, 1, 0),
        ["no image"] = Shape(0, 3, 4, 5, 6, 3, 1, 1),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_width_gives_what_the_definition_says(Part part, string name, int width)
    {
        ConvolutionShape shape = Shapes[name];
        ConvolutionOperands all = new(shape);
        double[] expected = part switch
        {
            Part.Forward => ConvolutionReference.Output(shape, all.Input, all.Filter, all.Bias),
            Part.FilterGradient => ConvolutionReference.FilterGradient(shape, all.Input, all.Gradient),
            _ => ConvolutionReference.InputGradient(shape, all.Gradient, all.Filter),
        };
        KernelAssert.Near(expected, Compute(part, shape, KernelThreads.One, (VectorWidth)width));
    }

    [Theory]
    [InlineData(Part.Forward, "5x3 many channels")]
    [InlineData(Part.Forward, "dilated stride 2")]
    [InlineData(Part.InputGradient, "5x3 many channels")]
    [InlineData(Part.InputGradient, "dilated stride 2")]
    [InlineData(Part.FilterGradient, "5x3 many channels")]
    [InlineData(Part.FilterGradient, "dilated stride 2")]
    public void Threads_do_not_change_a_bit(Part part, string name) => Assert.Equal(
        Compute(part, Shapes[name], KernelThreads.One, null), Compute(part, Shapes[name], TestThreads.Several, null));

    [Fact]
    public void A_batch_that_is_taken_in_parts_gives_the_same()
    {
        ConvolutionShape shape = Shape(5, 16, 4, 120, 120, 3, 2, 1);
        ConvolutionOperands all = new(shape);
        KernelAssert.Near(ConvolutionReference.Output(shape, all.Input, all.Filter, all.Bias), Compute(Part.Forward, shape, TestThreads.Several, null));
        KernelAssert.Near(
            ConvolutionReference.InputGradient(shape, all.Gradient, all.Filter), Compute(Part.InputGradient, shape, TestThreads.Several, null));
        KernelAssert.Near(
            ConvolutionReference.FilterGradient(shape, all.Input, all.Gradient), Compute(Part.FilterGradient, shape, TestThreads.Several, null));
    }

    private static ConvolutionShape Shape(int batch, int inputs, int outputs, int height, int width, int kernel, int stride, int pad) => new()
    {
        Batch = batch, InputChannels = inputs, OutputChannels = outputs, Groups = 1, InputHeight = height, InputWidth = width,
        KernelHeight = kernel, KernelWidth = kernel, StrideHeight = stride, StrideWidth = stride, DilationHeight = 1, DilationWidth = 1,
        PadTop = pad, PadLeft = pad, PadBottom = pad, PadRight = pad,
    };

    private static float[] Compute(Part part, ConvolutionShape shape, KernelThreads threads, VectorWidth? width)
    {
        ConvolutionOperands all = new(shape);
        int length = (part switch { Part.Forward => all.Gradient, Part.InputGradient => all.Input, _ => all.Filter }).Length;
        return all.Run(length, (x, w, b, g, r, scratch) =>
        {
            if (part == Part.Forward)
                ConvolutionForward.Run(new() { Shape = shape, Input = x, Filter = w, Bias = b, Output = r }, scratch, threads, width);
            else if (part == Part.FilterGradient)
                ConvolutionFilterGradient.Run(new() { Shape = shape, Input = x, OutputGradient = g, FilterGradient = r }, scratch, threads, width);
            else
                ConvolutionInputGradient.Run(new() { Shape = shape, OutputGradient = g, Filter = w, InputGradient = r }, scratch, threads, width);
        });
    }
}
