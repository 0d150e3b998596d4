using OrtAdaMomentum.Kernels.Convolution.ImageLanes;
using OrtAdaMomentum.Kernels.Convolution.Winograd;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>Convolution over planes.</summary>
internal static unsafe class ConvolutionForward
{
    /// <summary>Pointers and extents.</summary>
    internal struct Arguments
    {
        public ConvolutionShape Shape;
        public float* Input;
        public float* Filter;

        /// <summary>One number for each output channel, or null.</summary>
        public float* Bias;

        public float* Output;
    }

    /// <summary>
    /// Whether this is faster than ONNX Runtime's convolution of a filter that is an input: with few channels, of which the runtime writes out
    /// every window, with fewer multiplications, and with channels that do not mix, of which it takes one at a time.
    /// </summary>
    public static bool Wins(in ConvolutionShape shape) =>
        DepthwiseConvolution.Takes(shape) || WinogradConvolution.Takes(shape) || FewChannels.Takes(shape)
        || shape is { Groups: 1, InputChannels: < ConvolutionShape.FewChannels, Taps: > 1 };

    /// <summary>
    /// Computes the output, with <see cref="DepthwiseConvolution"/>, <see cref="FewChannels"/> or <see cref="WinogradConvolution"/> where
    /// that is faster.
    /// </summary>
    /// <param name="arguments">Pointers and extents.</param>
    /// <param name="scratch">Memory to work in: the filter, and as many images as <see cref="ImageChunks"/> takes at once.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(in Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null)
    {
        if (DepthwiseConvolution.Takes(arguments.Shape))
        {
            DepthwiseConvolution.Forward(arguments, scratch, threads, width);
            return;
        }

        if (WinogradConvolution.Takes(arguments.Shape))
        {
            WinogradConvolution.Run(arguments, scratch, threads, width);
            return;
        }

        if (FewChannels.Takes(arguments.Shape))
        {
            FewChannels.Forward(arguments, scratch, threads, width);
            return;
        }

        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);
    }

    private static void Run<T>(in Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = arguments.Shape;
        if (shape.Batch == 0 || shape.OutputPlane == 0 || shape.OutputChannels == 0)
            return;
        PaddedPlanes planes = new()
        {
            Height = shape.InputHeight,
            Width = shape.InputWidth,
            Top = shape.PadTop,
            Left = shape.PadLeft,
            PaddedHeight = ((shape.OutputHeight - 1) * shape.StrideHeight) + ((shape.KernelHeight - 1) * shape.DilationHeight) + 1,
            PaddedWidth = ((shape.OutputWidth - 1) * shape.StrideWidth) + ((shape.KernelWidth - 1) * shape.DilationWidth) + 1,
            StrideHeight = shape.StrideHeight,
            StrideWidth = shape.StrideWidth,
        };
        nint imageLength = shape.InputChannels * planes.PlaneLength;
        int chunk = planes.IsPlain ? shape.Batch : ImageChunks.Images(imageLength, shape.Batch);
        nint groupRows = RowPanels.Length<T>(shape.GroupOutputs, (nint)shape.GroupInputs * shape.Taps);
        nint tapsLength = Scratch.Round(2 * 2 * shape.Taps);
        float* memory = scratch.Floats(tapsLength + (shape.Groups * groupRows) + (planes.IsPlain ? 0 : chunk * imageLength));
        float* rows = memory + tapsLength;
        nint* filterTaps = (nint*)memory;
        nint* planeTaps = filterTaps + shape.Taps;
        for (int tap = 0; tap < shape.Taps; tap++)
        {
            filterTaps[tap] = tap;
            planeTaps[tap] = planes.Offset(tap / shape.KernelWidth * shape.DilationHeight, tap % shape.KernelWidth * shape.DilationWidth);
        }

        nint depth = (nint)shape.GroupInputs * shape.Taps;
        RowPanels.Pack<T>(
            new PackedRows
            {
                From = arguments.Filter, GroupStride = shape.GroupOutputs * depth, RowStride = depth, ChannelStride = shape.Taps,
                TapOffsets = filterTaps, Groups = shape.Groups, Count = shape.GroupOutputs, Channels = shape.GroupInputs, Taps = shape.Taps,
                To = rows, ToGroupStride = groupRows,
            },
            threads);

        // Windows of one element that move by one element see each plane as one row.
        bool oneRow = planes.IsPlain && planes.PaddedWidth == shape.InputWidth && shape.Taps == 1;
        for (int image = 0; image < shape.Batch; image += chunk)
        {
            int images = Math.Min(chunk, shape.Batch - image);
            planes.From = arguments.Input + ((nint)image * shape.InputChannels * shape.InputPlane);
            planes.To = rows + (shape.Groups * groupRows);
            planes.Count = images * shape.InputChannels;
            PanelMultiplier.Run<T>(
                new PanelProduct
                {
                    Rows = rows, RowsGroupStride = groupRows, Groups = shape.Groups, RowCount = shape.GroupOutputs,
                    Channels = shape.GroupInputs, Taps = shape.Taps, TapOffsets = planeTaps,
                    Source = PaddedPlanes.Copy(planes, threads), SourceGroupStride = shape.GroupInputs * planes.PlaneLength,
                    SourceImageStride = imageLength, SourceChannelStride = planes.PlaneLength,
                    SourceRowStride = planes.Pitch, SourceColumnStride = 1, Images = images,
                    GridHeight = oneRow ? 1 : shape.OutputHeight, GridWidth = oneRow ? shape.OutputPlane : shape.OutputWidth,
                    Result = arguments.Output + ((nint)image * shape.OutputChannels * shape.OutputPlane),
                    ResultGroupStride = (nint)shape.GroupOutputs * shape.OutputPlane,
                    ResultImageStride = (nint)shape.OutputChannels * shape.OutputPlane, ResultRowStride = shape.OutputPlane,
                    Bias = arguments.Bias,
                },
                threads);
        }
    }
}
