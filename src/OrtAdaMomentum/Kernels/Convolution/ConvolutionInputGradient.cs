using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Convolution.ImageLanes;
using OrtAdaMomentum.Kernels.Convolution.Winograd;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// The gradient of what a convolution moves over. Input elements whose places leave the same remainder against the stride are reached by
/// the same taps, so each remainder is a convolution of the output gradient with these taps, at stride 1.
/// </summary>
internal static unsafe class ConvolutionInputGradient
{
    /// <summary>Pointers and extents.</summary>
    internal struct Arguments
    {
        public ConvolutionShape Shape;
        public float* OutputGradient;
        public float* Filter;
        public float* InputGradient;
    }

    /// <summary>
    /// Whether this is faster than the ordinary nodes: with small planes of few channels, and with channels enough to fill a register unless
    /// one tap leaves most elements out. With other few channels the runtime, too, fills no register, and is slower unless strides leave it
    /// little to do.
    /// </summary>
    public static bool Wins(in ConvolutionShape shape)
    {
        bool moveByOne = shape is { StrideHeight: 1, StrideWidth: 1 };
        return DepthwiseConvolution.Takes(shape) || FewChannels.Takes(shape)
            || (shape.HasManyChannels && (shape.Taps > 1 || moveByOne))
            || (shape is { Groups: 1, Taps: > 1 } && moveByOne);
    }

    /// <summary>
    /// Computes the gradient, with <see cref="DepthwiseConvolution"/>, <see cref="FewChannels"/> or <see cref="WinogradConvolution"/> where
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
            DepthwiseConvolution.InputGradient(arguments, scratch, threads, width);
            return;
        }

        if (PointwiseInputGradient.Takes(arguments.Shape))
        {
            PointwiseInputGradient.Run(arguments, scratch, threads, width);
            return;
        }

        if (WinogradConvolution.Takes(arguments.Shape))
        {
            WinogradConvolution.Run(arguments, scratch, threads, width);
            return;
        }

        if (FewChannels.Takes(arguments.Shape))
        {
            FewChannels.InputGradient(arguments, scratch, threads, width);
            return;
        }

        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);
    }

    private static void Run<T>(in Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = arguments.Shape;
        if (shape.Batch == 0 || shape.InputPlane == 0 || shape.InputChannels == 0)
            return;
        Axis rows = new(shape.KernelHeight, shape.StrideHeight, shape.DilationHeight, shape.PadTop, shape.InputHeight);
        Axis columns = new(shape.KernelWidth, shape.StrideWidth, shape.DilationWidth, shape.PadLeft, shape.InputWidth);
        PaddedPlanes planes = new()
        {
            Height = shape.OutputHeight, Width = shape.OutputWidth, Top = rows.Before, Left = columns.Before,
            PaddedHeight = rows.Extent, PaddedWidth = columns.Extent, StrideHeight = 1, StrideWidth = 1,
        };
        int phases = shape.StrideHeight * shape.StrideWidth;
        nint imageLength = shape.OutputChannels * planes.PlaneLength, resultLength = (nint)shape.InputChannels * shape.InputPlane;
        int chunk = ImageChunks.Images((planes.IsPlain ? 0 : imageLength) + (phases == 1 ? 0 : resultLength), shape.Batch);
        nint groupRows = RowPanels.Length<T>(shape.GroupInputs, (nint)shape.GroupOutputs * shape.Taps) + phases * 16;
        nint tapsLength = Scratch.Round(2 * 2 * shape.Taps);
        nint planesLength = planes.IsPlain ? 0 : Scratch.Round(chunk * imageLength);
        float* memory = scratch.Floats(tapsLength + (shape.Groups * groupRows * phases) + planesLength + (phases == 1 ? 0 : chunk * resultLength));
        Work work = new()
        {
            Shape = shape, Planes = planes, RowAxis = rows, ColumnAxis = columns, Phases = phases,
            FilterTaps = (nint*)memory, PlaneTaps = (nint*)memory + shape.Taps,
            Rows = memory + tapsLength, GroupRows = groupRows,
            Padded = memory + tapsLength + (shape.Groups * groupRows * phases),
        };
        work.Sorted = work.Padded + planesLength;
        for (int phase = 0; phase < phases; phase++)
            PackFilter<T>(ref work, arguments.Filter, phase, threads);
        for (int image = 0; image < shape.Batch; image += chunk)
        {
            work.Images = Math.Min(chunk, shape.Batch - image);
            work.Planes.From = arguments.OutputGradient + ((nint)image * shape.OutputChannels * shape.OutputPlane);
            work.Planes.To = work.Padded;
            work.Planes.Count = work.Images * shape.OutputChannels;
            work.Source = shape.OutputPlane == 0 ? null : PaddedPlanes.Copy(work.Planes, threads);
            work.Result = arguments.InputGradient + (image * resultLength);
            for (int phase = 0; phase < phases; phase++)
                Multiply<T>(ref work, phase, threads);
            if (phases > 1)
                threads.For(work.Images * shape.InputChannels, &Merge, &work);
        }
    }

    /// <summary>The taps that reach a remainder: where they lie in the filter and in the planes. Gives their number.</summary>
    private static int TapsOf(ref Work work, int phase)
    {
        ConvolutionShape shape = work.Shape;
        int taps = 0;
        for (int row = 0; row < shape.KernelHeight; row++)
        {
            for (int column = 0; column < shape.KernelWidth; column++)
            {
                if (!work.RowAxis.Reaches(phase / shape.StrideWidth, row) || !work.ColumnAxis.Reaches(phase % shape.StrideWidth, column))
                    continue;
                work.FilterTaps[taps] = (row * shape.KernelWidth) + column;
                work.PlaneTaps[taps++] = work.Planes.Offset(
                    work.RowAxis.Offset(phase / shape.StrideWidth, row), work.ColumnAxis.Offset(phase % shape.StrideWidth, column));
            }
        }

        return taps;
    }

    private static void PackFilter<T>(ref Work work, float* filter, int phase, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = work.Shape;
        nint depth = (nint)shape.GroupInputs * shape.Taps;
        int taps = TapsOf(ref work, phase);
        RowPanels.Pack<T>(
            new PackedRows
            {
                From = filter, GroupStride = shape.GroupOutputs * depth, RowStride = shape.Taps, ChannelStride = depth,
                TapOffsets = work.FilterTaps, Groups = shape.Groups, Count = shape.GroupInputs, Channels = shape.GroupOutputs, Taps = taps,
                To = work.Rows + (phase * shape.Groups * work.GroupRows), ToGroupStride = work.GroupRows,
            },
            threads);
    }

    private static void Multiply<T>(ref Work work, int phase, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = work.Shape;
        int taps = TapsOf(ref work, phase);
        int height = work.RowAxis.Places(phase / shape.StrideWidth), width = work.ColumnAxis.Places(phase % shape.StrideWidth);
        bool oneRow = work.Planes.IsPlain && work.Planes.PaddedWidth == shape.OutputWidth && shape.Taps == 1 && work.Phases == 1;
        PanelMultiplier.Run<T>(
            new PanelProduct
            {
                Rows = work.Rows + (phase * shape.Groups * work.GroupRows), RowsGroupStride = work.GroupRows, Groups = shape.Groups,
                RowCount = shape.GroupInputs, Channels = work.Source == null ? 0 : shape.GroupOutputs, Taps = taps, TapOffsets = work.PlaneTaps,
                Source = work.Source, SourceGroupStride = shape.GroupOutputs * work.Planes.PlaneLength,
                SourceImageStride = shape.OutputChannels * work.Planes.PlaneLength, SourceChannelStride = work.Planes.PlaneLength,
                SourceRowStride = work.Planes.Pitch, SourceColumnStride = 1, Images = work.Images,
                GridHeight = oneRow ? 1 : height, GridWidth = oneRow ? height * width : width,
                Result = work.Phases == 1 ? work.Result : work.Sorted + (work.Images * (nint)shape.InputChannels * work.PlacesBefore(phase)),
                ResultGroupStride = (nint)shape.GroupInputs * height * width,
                ResultImageStride = (nint)shape.InputChannels * height * width, ResultRowStride = (nint)height * width,
            },
            threads);
    }

    /// <summary>Puts the elements of a plane, sorted by remainder, back in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Merge(void* state, int plane)
    {
        Work work = *(Work*)state;
        ConvolutionShape shape = work.Shape;
        for (int phase = 0; phase < work.Phases; phase++)
        {
            int height = work.RowAxis.Places(phase / shape.StrideWidth), width = work.ColumnAxis.Places(phase % shape.StrideWidth);
            float* from = work.Sorted + (work.Images * (nint)shape.InputChannels * work.PlacesBefore(phase)) + ((nint)plane * height * width);
            float* first = work.Result + ((nint)plane * shape.InputPlane)
                + (phase / shape.StrideWidth * (nint)shape.InputWidth) + (phase % shape.StrideWidth);
            for (int row = 0; row < height; row++, first += (nint)shape.StrideHeight * shape.InputWidth)
            {
                float* to = first;
                for (int column = 0; column < width; column++, to += shape.StrideWidth)
                    *to = *from++;
            }
        }
    }

    /// <summary>Which windows reach which elements along an axis.</summary>
    private readonly struct Axis
    {
        private readonly int _stride;
        private readonly int _dilation;
        private readonly int _pad;
        private readonly int _input;

        public Axis(int kernel, int stride, int dilation, int pad, int input)
        {
            (_stride, _dilation, _pad, _input) = (stride, dilation, pad, input);
            int least = int.MaxValue, most = int.MinValue;
            for (int phase = 0; phase < stride; phase++)
            {
                for (int tap = 0; tap < kernel; tap++)
                {
                    if (!Reaches(phase, tap))
                        continue;
                    int window = Window(phase, tap);
                    (least, most) = (Math.Min(least, window), Math.Max(most, window + Places(phase)));
                }
            }

            Before = -least;
            Extent = Math.Max(1, most - least);
        }

        /// <summary>Windows of zeros before the first window.</summary>
        public int Before { get; }

        /// <summary>Windows that are looked at, zeros included.</summary>
        public int Extent { get; }

        /// <summary>Elements with a remainder.</summary>
        public int Places(int phase) => Math.Max(0, (_input - phase + _stride - 1) / _stride);

        /// <summary>Whether a tap ever falls on elements with a remainder.</summary>
        public bool Reaches(int phase, int tap) => (phase + _pad - (tap * _dilation)) % _stride == 0;

        /// <summary>Where the window whose tap falls on the first element with a remainder lies among those that are looked at.</summary>
        public int Offset(int phase, int tap) => Window(phase, tap) + Before;

        private int Window(int phase, int tap) => (phase + _pad - (tap * _dilation)) / _stride;
    }

    private struct Work
    {
        public ConvolutionShape Shape;
        public PaddedPlanes Planes;
        public Axis RowAxis;
        public Axis ColumnAxis;
        public int Phases;
        public int Images;
        public nint* FilterTaps;
        public nint* PlaneTaps;
        public float* Rows;
        public nint GroupRows;
        public float* Padded;
        public float* Sorted;
        public float* Source;
        public float* Result;

        /// <summary>Places of an image with the remainders before the given one.</summary>
        public readonly nint PlacesBefore(int phase)
        {
            nint places = 0;
            for (int before = 0; before < phase; before++)
                places += (nint)RowAxis.Places(before / Shape.StrideWidth) * ColumnAxis.Places(before % Shape.StrideWidth);
            return places;
        }
    }
}
