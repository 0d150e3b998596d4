using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>Convolutions with channels too few to fill a register, as <see cref="ImageLanesConvolution"/> takes them.</summary>
internal static unsafe class FewChannels
{
    private const int FewestImages = 8;
    private const int MostChannels = 32;
    private const int MostOutputs = 16;
    private const int LargestPlane = 48 * 48;

    /// <summary>
    /// Whether images side by side are faster than the kernels for all shapes: with images enough to fill registers, on planes so small that
    /// as many of them stay near, and unless channels are enough. A single tap is a product of matrices.
    /// </summary>
    public static bool Takes(in ConvolutionShape shape) =>
        shape is { Batch: >= FewestImages, Taps: > 1, GroupInputs: <= MostChannels, GroupOutputs: <= MostChannels and > 1 }
        && shape.InputPlane <= LargestPlane && shape.OutputPlane <= LargestPlane;

    /// <summary>
    /// The same for the gradient of the filter. There the other kernel has a register of output channels to fill, and each part of the images
    /// is looked at once, however large they are.
    /// </summary>
    public static bool TakesFilter(in ConvolutionShape shape) =>
        shape is { Batch: >= FewestImages, Taps: > 1, GroupOutputs: <= MostOutputs and > 1, GroupInputs: <= MostChannels };

    /// <summary>Computes the output.</summary>
    public static void Forward(in ConvolutionForward.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width)
    {
        ConvolutionShape shape = arguments.Shape;
        nint depth = (nint)shape.GroupInputs * shape.Taps;
        ImageLanesConvolution.Run(
            new()
            {
                Rows = TapAxis.Forward(
                    shape.KernelHeight, shape.StrideHeight, shape.DilationHeight, shape.PadTop, shape.InputHeight, shape.OutputHeight),
                Columns = TapAxis.Forward(
                    shape.KernelWidth, shape.StrideWidth, shape.DilationWidth, shape.PadLeft, shape.InputWidth, shape.OutputWidth),
                Batch = shape.Batch, Groups = shape.Groups, SourceChannels = shape.GroupInputs, ResultChannels = shape.GroupOutputs,
                Source = arguments.Input, Result = arguments.Output, Bias = arguments.Bias,
                Filter = arguments.Filter, FilterSourceStride = shape.Taps, FilterResultStride = depth,
            },
            scratch, threads, width ?? Width(shape.Batch));
    }

    /// <summary>Computes the gradient of the input.</summary>
    public static void InputGradient(
        in ConvolutionInputGradient.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width)
    {
        ConvolutionShape shape = arguments.Shape;
        nint depth = (nint)shape.GroupInputs * shape.Taps;
        ImageLanesConvolution.Run(
            new()
            {
                Rows = TapAxis.Backward(
                    shape.KernelHeight, shape.StrideHeight, shape.DilationHeight, shape.PadTop, shape.InputHeight, shape.OutputHeight),
                Columns = TapAxis.Backward(
                    shape.KernelWidth, shape.StrideWidth, shape.DilationWidth, shape.PadLeft, shape.InputWidth, shape.OutputWidth),
                Batch = shape.Batch, Groups = shape.Groups, SourceChannels = shape.GroupOutputs, ResultChannels = shape.GroupInputs,
                Source = arguments.OutputGradient, Result = arguments.InputGradient,
                Filter = arguments.Filter, FilterSourceStride = depth, FilterResultStride = shape.Taps,
            },
            scratch, threads, width ?? Width(shape.Batch));
    }

    /// <summary>Computes the gradient of the filter.</summary>
    public static void FilterGradient(
        in ConvolutionFilterGradient.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width) =>
        ImageLanesFilterGradient.Run(arguments, scratch, threads, width ?? Width(arguments.Shape.Batch));

    /// <summary>Registers no wider than the images fill.</summary>
    private static VectorWidth Width(int batch) => VectorWidths.NoWiderThan(batch, VectorWidths.Widest);
}
