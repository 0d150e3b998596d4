using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// A convolution whose every channel has one plane in and one out, and the gradient of its input: which is the same filter, turned round,
/// moving by single elements over the output gradient, spread by the strides. The channels lie side by side in the registers.
/// </summary>
internal static unsafe class DepthwiseConvolution
{
    /// <summary>Floats of a copy of rows: few enough to stay near.</summary>
    private const int BandLength = 4 * 1024;

    /// <summary>Windows that are computed at once.</summary>
    private const int Windows = 4;

    /// <summary>Whether there are several channels, each with one plane in and one out.</summary>
    public static bool Takes(in ConvolutionShape shape) =>
        shape.Groups > 1 && shape.Groups == shape.InputChannels && shape.Groups == shape.OutputChannels;

    /// <summary>Vectors no wider than there are channels to fill them.</summary>
    public static VectorWidth Width(in ConvolutionShape shape, VectorWidth? width) =>
        VectorWidths.NoWiderThan(shape.Groups, width ?? VectorWidths.Widest);

    /// <summary>Rows of results for which to copy rows at once: as many as stay near, a multiple of the spread.</summary>
    public static int BandRows<T>(int columns, int rows, int stride, int spread)
        where T : struct, ILanes<T>
    {
        int most = BandLength / Math.Max(1, columns * T.Count * stride);
        return Math.Min(Math.Max(1, rows), Math.Max(spread, most / spread * spread));
    }

    /// <summary>Computes the output.</summary>
    /// <param name="arguments">Pointers and extents, of a shape that it <see cref="Takes"/>.</param>
    /// <param name="scratch">Memory to work in: about the size of the filter.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Forward(in ConvolutionForward.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null)
    {
        ConvolutionShape shape = arguments.Shape;
        Work work = new()
        {
            Shape = shape, Source = arguments.Input, Filter = arguments.Filter, Bias = arguments.Bias, Result = arguments.Output,
            StrideHeight = shape.StrideHeight, StrideWidth = shape.StrideWidth,
            ResultHeight = shape.OutputHeight, ResultWidth = shape.OutputWidth,
            Planes = new InterleavedPlanes
            {
                Height = shape.InputHeight, Width = shape.InputWidth, Top = shape.PadTop, Left = shape.PadLeft,
                SpreadHeight = 1, SpreadWidth = 1,
            },
        };
        KernelWidth.Run(work, scratch, threads, Width(shape, width), &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);
    }

    /// <summary>Computes the gradient of the input.</summary>
    /// <param name="arguments">Pointers and extents, of a shape that it <see cref="Takes"/>.</param>
    /// <param name="scratch">Memory to work in: about the size of the filter.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void InputGradient(
        in ConvolutionInputGradient.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null)
    {
        ConvolutionShape shape = arguments.Shape;
        Work work = new()
        {
            Shape = shape, Source = arguments.OutputGradient, Filter = arguments.Filter, Result = arguments.InputGradient,
            StrideHeight = 1, StrideWidth = 1, TurnedRound = true,
            ResultHeight = shape.InputHeight, ResultWidth = shape.InputWidth,
            Planes = new InterleavedPlanes
            {
                Height = shape.OutputHeight, Width = shape.OutputWidth,
                Top = ((shape.KernelHeight - 1) * shape.DilationHeight) - shape.PadTop,
                Left = ((shape.KernelWidth - 1) * shape.DilationWidth) - shape.PadLeft,
                SpreadHeight = shape.StrideHeight, SpreadWidth = shape.StrideWidth,
            },
        };
        KernelWidth.Run(work, scratch, threads, Width(shape, width), &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);
    }

    private static void Run<T>(in Work work, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = work.Shape;
        if (shape.Batch == 0 || work.ResultHeight * work.ResultWidth == 0)
            return;
        Work state = work;
        int reach = (shape.KernelHeight - 1) * shape.DilationHeight, blocks = (shape.Groups + T.Count - 1) / T.Count;
        state.Planes.Columns = ((work.ResultWidth - 1) * work.StrideWidth) + ((shape.KernelWidth - 1) * shape.DilationWidth) + 1;
        state.Planes.Slack = Windows * work.StrideWidth;
        state.BandRows = BandRows<T>(state.Planes.Columns, work.ResultHeight, work.StrideHeight, work.Planes.SpreadHeight);
        state.Planes.Rows = ((state.BandRows - 1) * work.StrideHeight) + reach + 1;
        state.Bands = (work.ResultHeight + state.BandRows - 1) / state.BandRows;
        state.Pieces = new Pieces((nint)blocks * shape.Batch * state.Bands, T.Count * ((nint)state.BandRows * work.ResultWidth));

        nint offsetsLength = Scratch.Round(2 * shape.Taps), filterLength = (shape.Taps + 1) * T.Count;
        float* memory = scratch.Floats(offsetsLength + (blocks * filterLength));
        state.Offsets = (nint*)memory;
        state.Turned = memory + offsetsLength;
        new Span<float>(state.Turned, (int)(blocks * filterLength)).Clear();
        SetOffsets<T>(state);
        for (int block = 0; block < blocks; block++)
            TurnFilter<T>(work, block * T.Count, state.Turned + (block * filterLength));
        threads.For(state.Pieces.Count, &Piece<T>, &state);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Work work = *(Work*)state;
        ConvolutionShape shape = work.Shape;
        nint planesLength = Scratch.Round(work.Planes.Length<T>()), resultPlane = (nint)work.ResultHeight * work.ResultWidth;
        work.Planes.To = Scratch.OfThread.Floats(planesLength + ((((nint)work.BandRows * work.ResultWidth) + Windows) * T.Count));
        work.Planes.Clear<T>();
        float* results = work.Planes.To + planesLength;
        var (from, to) = work.Pieces[piece];
        for (nint item = from; item < to; item++)
        {
            int block = (int)(item / work.Bands / shape.Batch), image = (int)(item / work.Bands % shape.Batch);
            int first = (int)(item % work.Bands) * work.BandRows, rows = Math.Min(work.BandRows, work.ResultHeight - first);
            int channels = Math.Min(T.Count, shape.Groups - (block * T.Count));
            nint plane = ((nint)image * shape.Groups) + (block * T.Count);
            float* filter = work.Turned + ((nint)block * (shape.Taps + 1) * T.Count);
            work.Planes.Copy<T>(work.Source + (plane * work.Planes.Height * work.Planes.Width), channels, first * work.StrideHeight);
            if (shape.KernelHeight == 3 && shape.KernelWidth == 3)
                Move9<T>(work, filter, rows, results);
            else
                Move<T>(work, filter, rows, results);
            float* result = work.Result + (plane * resultPlane) + ((nint)first * work.ResultWidth);
            LaneTranspose.Split<T>(results, rows * work.ResultWidth, channels, result, resultPlane);
        }
    }

    /// <summary>Where each tap lies, from the start of a window.</summary>
    private static void SetOffsets<T>(in Work work)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = work.Shape;
        for (int tap = 0; tap < shape.Taps; tap++)
        {
            int place = work.TurnedRound ? shape.Taps - 1 - tap : tap;
            nint row = place / shape.KernelWidth * shape.DilationHeight, column = place % shape.KernelWidth * shape.DilationWidth;
            work.Offsets[tap] = ((row * work.Planes.Columns) + column) * T.Count;
        }
    }

    /// <summary>Lays the biases, then the taps, of some channels side by side.</summary>
    private static void TurnFilter<T>(in Work work, int channel, float* to)
        where T : struct, ILanes<T>
    {
        int taps = work.Shape.Taps, channels = Math.Min(T.Count, work.Shape.Groups - channel);
        if (work.Bias != null)
            new ReadOnlySpan<float>(work.Bias + channel, channels).CopyTo(new Span<float>(to, T.Count));
        MatrixTranspose.Run(work.Filter + ((nint)channel * taps), taps, channels, taps, to + T.Count, T.Count);
    }

    /// <summary>
    /// Moves the filter over the copied rows. At the end of a row it computes more than there is, which the next row overwrites.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move<T>(in Work work, float* filter, int rows, float* results)
        where T : struct, ILanes<T>
    {
        int taps = work.Shape.Taps, width = work.ResultWidth;
        nint step = work.StrideWidth * T.Count, line = (nint)work.StrideHeight * work.Planes.Columns * T.Count;
        nint* offsets = work.Offsets;
        float* top = work.Planes.To;
        T bias = T.Load(filter);
        filter += T.Count;
        for (int row = 0; row < rows; row++, top += line, results += width * T.Count)
        {
            float* window = top;
            float* result = results;
            for (int column = 0; column < width; column += Windows, window += Windows * step, result += Windows * T.Count)
            {
                T a = bias, b = bias, c = bias, d = bias;
                for (int tap = 0; tap < taps; tap++)
                {
                    float* at = window + offsets[tap];
                    T factor = T.Load(filter + (tap * T.Count));
                    a = T.MultiplyAdd(factor, T.Load(at), a);
                    b = T.MultiplyAdd(factor, T.Load(at + step), b);
                    c = T.MultiplyAdd(factor, T.Load(at + (2 * step)), c);
                    d = T.MultiplyAdd(factor, T.Load(at + (3 * step)), d);
                }

                a.Store(result);
                b.Store(result + T.Count);
                c.Store(result + (2 * T.Count));
                d.Store(result + (3 * T.Count));
            }
        }
    }

    /// <summary>The same with nine taps, which stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move9<T>(in Work work, float* filter, int rows, float* results)
        where T : struct, ILanes<T>
    {
        int width = work.ResultWidth;
        nint step = work.StrideWidth * T.Count, line = (nint)work.StrideHeight * work.Planes.Columns * T.Count;
        bool turned = work.TurnedRound;
        T bias = T.Load(filter);
        filter += T.Count;
        T w0 = Tap<T>(filter, 0, turned), w1 = Tap<T>(filter, 1, turned), w2 = Tap<T>(filter, 2, turned);
        T w3 = Tap<T>(filter, 3, turned), w4 = Tap<T>(filter, 4, turned), w5 = Tap<T>(filter, 5, turned);
        T w6 = Tap<T>(filter, 6, turned), w7 = Tap<T>(filter, 7, turned), w8 = Tap<T>(filter, 8, turned);
        nint next = (nint)work.Shape.DilationWidth * T.Count, down = (nint)work.Shape.DilationHeight * work.Planes.Columns * T.Count;
        float* start = work.Planes.To;
        for (int row = 0; row < rows; row++, start += line, results += width * T.Count)
        {
            float* top = start;
            float* middle = start + down;
            float* bottom = middle + down;
            float* result = results;
            for (int column = 0; column < width; column++, top += step, middle += step, bottom += step, result += T.Count)
            {
                T a = T.MultiplyAdd(w0, T.Load(top), bias), b = w3 * T.Load(middle), c = w6 * T.Load(bottom);
                a = T.MultiplyAdd(w1, T.Load(top + next), a);
                b = T.MultiplyAdd(w4, T.Load(middle + next), b);
                c = T.MultiplyAdd(w7, T.Load(bottom + next), c);
                a = T.MultiplyAdd(w2, T.Load(top + (2 * next)), a);
                b = T.MultiplyAdd(w5, T.Load(middle + (2 * next)), b);
                c = T.MultiplyAdd(w8, T.Load(bottom + (2 * next)), c);
                (a + b + c).Store(result);
            }
        }
    }

    private static T Tap<T>(float* filter, int tap, bool turned)
        where T : struct, ILanes<T> => T.Load(filter + ((turned ? 8 - tap : tap) * T.Count));

    private struct Work
    {
        public ConvolutionShape Shape;
        public float* Source;
        public float* Filter;
        public float* Bias;
        public float* Result;
        public InterleavedPlanes Planes;
        public int StrideHeight;
        public int StrideWidth;
        public bool TurnedRound;
        public int ResultHeight;
        public int ResultWidth;
        public int BandRows;
        public int Bands;
        public Pieces Pieces;
        public nint* Offsets;
        public float* Turned;
    }
}
