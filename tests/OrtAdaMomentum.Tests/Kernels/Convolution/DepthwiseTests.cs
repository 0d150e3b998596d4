using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Convolution;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Kernels.Convolution;

public unsafe class DepthwiseTests
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
        ["3x3"] = Shape(2, 7, 10, 18, 3, 1, 1),
        ["3x3 of 48"] = Shape(3, 17, 48, 48, 3, 1, 1),
        ["3x3 of 6"] = Shape(3, 40, 6, 6, 3, 1, 1),
        ["3x3 of 3"] = Shape(3, 33, 3, 3, 3, 1, 1),
        ["3x3 of 1"] = Shape(2, 19, 1, 1, 3, 1, 1),
        ["3x3 unpadded"] = Shape(2, 3, 9, 33, 3, 1, 0),
        ["3x3 stride 2"] = Shape(2, 5, 12, 17, 3, 2, 1),
        ["3x3 stride 2 of 48"] = Shape(2, 16, 48, 48, 3, 2, 1),
        ["3x3 stride 2, odd"] = Shape(2, 3, 7, 67, 3, 2, 1),
        ["3x3 stride 2 unpadded"] = Shape(2, 3, 8, 10, 3, 2, 0),
        ["3x3 padded after"] = Shape(2, 4, 11, 12, 3, 2, 0) with { PadBottom = 1, PadRight = 1 },
        ["3x3 dilated"] = Shape(2, 18, 40, 40, 3, 1, 2) with { DilationHeight = 2, DilationWidth = 3, PadRight = 4 },
        ["5x5"] = Shape(2, 6, 14, 19, 5, 1, 2),
        ["5x5 stride 2"] = Shape(2, 16, 12, 67, 5, 2, 2),
        ["5x5 stride 2 uneven"] = Shape(1, 3, 9, 35, 5, 2, 1) with { PadLeft = 2, PadBottom = 3 },
        ["7x7"] = Shape(1, 20, 9, 9, 7, 1, 3),
        ["2x1 stride 3"] = Shape(2, 9, 10, 11, 2, 3, 0) with { KernelWidth = 1, StrideWidth = 1 },
        ["one axis, padded before"] = Shape(2, 20, 1, 40, 1, 1, 0) with { KernelWidth = 5, PadLeft = 4 },
        ["1x1"] = Shape(2, 16, 3, 5, 1, 1, 0),
        ["a step beyond the kernel"] = Shape(2, 16, 11, 3, 2, 4, 1),
        ["more padding than kernel"] = Shape(1, 3, 5, 6, 3, 1, 4),
        ["more padding than kernel, stride 2"] = Shape(1, 3, 5, 6, 3, 2, 5),
        ["one element"] = Shape(1, 1, 1, 1, 3, 1, 1),
        ["no window"] = Shape(2, 3, 2, 2, 3, 1, 0),
        ["no image"] = Shape(0, 3, 5, 6, 3, 1, 1),
        ["no element"] = Shape(2, 3, 0, 6, 3, 1, 2),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_width_gives_what_the_definition_says(Part part, string name, int width) => Check(part, Shapes[name], (VectorWidth)width);

    [Fact]
    public void Every_kernel_stride_and_padding_gives_what_the_definition_says()
    {
        foreach (var part in Enum.GetValues<Part>())
        {
            for (int kernel = 1; kernel <= 5; kernel++)
            {
                for (int stride = 1; stride <= 3; stride++)
                {
                    for (int pad = 0; pad <= kernel; pad++)
                    {
                        for (int extent = 1; extent <= 9; extent += 2)
                            Check(part, Shape(2, 18, extent, 10 - extent, kernel, stride, pad) with { PadRight = pad / 2 }, null);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Threads_do_not_change_a_bit(Part part, string name, int width) => Assert.Equal(
        Compute(part, Shapes[name], KernelThreads.One, (VectorWidth)width), Compute(part, Shapes[name], TestThreads.Several, (VectorWidth)width));

    [Fact]
    public void Filters_that_mix_or_multiply_channels_are_left_to_the_general_kernel()
    {
        ConvolutionShape shape = Shapes["3x3 of 6"];
        Assert.True(DepthwiseConvolution.Takes(shape));
        Assert.False(DepthwiseConvolution.Takes(shape with { Groups = 1 }));
        Assert.False(DepthwiseConvolution.Takes(shape with { Groups = 20 }));
        Assert.False(DepthwiseConvolution.Takes(shape with { OutputChannels = 80 }));
    }

    private static ConvolutionShape Shape(int batch, int channels, int height, int width, int kernel, int stride, int pad) => new()
    {
        Batch = batch, InputChannels = channels, OutputChannels = channels, Groups = channels, InputHeight = height, InputWidth = width,
        KernelHeight = kernel, KernelWidth = kernel, StrideHeight = stride, StrideWidth = stride, DilationHeight = 1, DilationWidth = 1,
        PadTop = pad, PadLeft = pad, PadBottom = pad, PadRight = pad,
    };

    private static void Check(Part part, ConvolutionShape shape, VectorWidth? width)
    {
        var (input, filter, bias, gradient) = Operands(shape);
        double[] expected = part switch
        {
            Part.Forward => ConvolutionReference.Output(shape, input, filter, bias),
            Part.FilterGradient => ConvolutionReference.FilterGradient(shape, input, gradient),
            _ => ConvolutionReference.InputGradient(shape, gradient, filter),
        };
        KernelAssert.Near(expected, Compute(part, shape, KernelThreads.One, width));
    }

    private static (float[] Input, float[] Filter, float[] Bias, float[] Gradient) Operands(ConvolutionShape shape) => (
        KernelAssert.Random(shape.Batch * shape.InputChannels * shape.InputPlane, 1),
        KernelAssert.Random(shape.OutputChannels * shape.Taps, 2),
        KernelAssert.Random(shape.OutputChannels, 3),
        KernelAssert.Random(shape.Batch * shape.OutputChannels * shape.OutputPlane, 4));

    private static float[] Compute(Part part, ConvolutionShape shape, KernelThreads threads, VectorWidth? width)
    {
        var (input, filter, bias, gradient) = Operands(shape);
        float[] result = new float[(part switch { Part.Forward => gradient, Part.InputGradient => input, _ => filter }).Length];
        Array.Fill(result, float.NaN);
        using Scratch scratch = new();
        fixed (float* x = input, w = filter, b = bias, g = gradient, r = result)
        {
            if (part == Part.Forward)
                DepthwiseConvolution.Forward(new() { Shape = shape, Input = x, Filter = w, Bias = b, Output = r }, scratch, threads, width);
            else if (part == Part.FilterGradient)
                DepthwiseFilterGradient.Run(new() { Shape = shape, Input = x, OutputGradient = g, FilterGradient = r }, scratch, threads, width);
            else
                DepthwiseConvolution.InputGradient(new() { Shape = shape, OutputGradient = g, Filter = w, InputGradient = r }, scratch, threads, width);
        }

        return result;
    }
}
