using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// The gradient of a filter whose every channel has one plane in and one out. The channels lie side by side in the registers, so that the sum
/// of each tap stays in one while the windows pass by.
/// </summary>
internal static unsafe class DepthwiseFilterGradient
{
    /// <summary>Taps that are summed at once, where they are not nine.</summary>
    private const int TapsAtOnce = 5;

    private const int WantedPieces = 16;

    /// <summary>Computes the gradient.</summary>
    /// <param name="arguments">Pointers and extents, of a shape that <see cref="DepthwiseConvolution.Takes"/>.</param>
    /// <param name="scratch">Memory to work in: some sums for each tap.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(in ConvolutionFilterGradient.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null)
    {
        width = DepthwiseConvolution.Width(arguments.Shape, width);
        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);
    }

    private static void Run<T>(in ConvolutionFilterGradient.Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = arguments.Shape;
        if (shape.Batch == 0 || shape.OutputPlane == 0)
        {
            new Span<float>(arguments.FilterGradient, shape.Groups * shape.Taps).Clear();
            return;
        }

        int reach = (shape.KernelHeight - 1) * shape.DilationHeight;
        Work work = new()
        {
            Arguments = arguments,
            Inputs = new InterleavedPlanes
            {
                Height = shape.InputHeight, Width = shape.InputWidth, Top = shape.PadTop, Left = shape.PadLeft,
                SpreadHeight = 1, SpreadWidth = 1,
                Columns = ((shape.OutputWidth - 1) * shape.StrideWidth) + ((shape.KernelWidth - 1) * shape.DilationWidth) + 1,
            },
            Gradients = new InterleavedPlanes
            {
                Height = shape.OutputHeight, Width = shape.OutputWidth, SpreadHeight = 1, SpreadWidth = 1, Columns = shape.OutputWidth,
            },
            Blocks = (shape.Groups + T.Count - 1) / T.Count,
            Taps = (shape.Taps + TapsAtOnce - 1) / TapsAtOnce * TapsAtOnce,
        };
        work.BandRows = DepthwiseConvolution.BandRows<T>(work.Inputs.Columns, shape.OutputHeight, shape.StrideHeight, 1);
        work.Inputs.Rows = ((work.BandRows - 1) * shape.StrideHeight) + reach + 1;
        work.Gradients.Rows = work.BandRows;
        work.Parts = Math.Clamp(WantedPieces / work.Blocks, 1, shape.Batch);
        work.Sums = scratch.Floats((nint)work.Blocks * work.Parts * work.Taps * T.Count);
        threads.For(work.Blocks * work.Parts, &Piece<T>, &work);
        for (int block = 0; block < work.Blocks; block++)
            Finish<T>(work, block);
    }

    /// <summary>Sums of some images for a block of channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Work work = *(Work*)state;
        ConvolutionShape shape = work.Arguments.Shape;
        int part = piece % work.Parts, channel = piece / work.Parts * T.Count, channels = Math.Min(T.Count, shape.Groups - channel);
        nint inputsLength = Scratch.Round(work.Inputs.Length<T>()), gradientsLength = Scratch.Round(work.Gradients.Length<T>());
        work.Inputs.To = Scratch.OfThread.Floats(inputsLength + gradientsLength + (2 * work.Taps));
        work.Gradients.To = work.Inputs.To + inputsLength;
        work.Offsets = (nint*)(work.Gradients.To + gradientsLength);
        work.Sums += (nint)piece * work.Taps * T.Count;
        work.Inputs.Clear<T>();
        work.Gradients.Clear<T>();
        new Span<float>(work.Sums, work.Taps * T.Count).Clear();
        SetOffsets<T>(work);
        int end = (int)((long)shape.Batch * (part + 1) / work.Parts);
        for (int image = (int)((long)shape.Batch * part / work.Parts); image < end; image++)
        {
            nint plane = ((nint)image * shape.Groups) + channel;
            for (int row = 0; row < shape.OutputHeight; row += work.BandRows)
            {
                work.Inputs.Copy<T>(work.Arguments.Input + (plane * shape.InputPlane), channels, row * shape.StrideHeight);
                work.Gradients.Copy<T>(work.Arguments.OutputGradient + (plane * shape.OutputPlane), channels, row);
                int rows = Math.Min(work.BandRows, shape.OutputHeight - row);
                if (shape.KernelHeight == 3 && shape.KernelWidth == 3)
                {
                    Add9<T>(work, rows);
                    continue;
                }

                for (int tap = 0; tap < work.Taps; tap += TapsAtOnce)
                    Add5<T>(work, tap, rows);
            }
        }
    }

    /// <summary>Where each tap lies, from the start of a window. Those that are there to fill up see what the first one sees.</summary>
    private static void SetOffsets<T>(in Work work)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = work.Arguments.Shape;
        for (int tap = 0; tap < work.Taps; tap++)
        {
            int place = tap < shape.Taps ? tap : 0;
            nint row = place / shape.KernelWidth * shape.DilationHeight, column = place % shape.KernelWidth * shape.DilationWidth;
            work.Offsets[tap] = ((row * work.Inputs.Columns) + column) * T.Count;
        }
    }

    /// <summary>Adds up the parts of a block of channels, and lays the taps of each channel in a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish<T>(in Work work, int block)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = work.Arguments.Shape;
        nint length = (nint)work.Taps * T.Count;
        float* sums = work.Sums + (block * work.Parts * length);
        for (int part = 1; part < work.Parts; part++)
        {
            for (nint index = 0; index < length; index += T.Count)
                (T.Load(sums + index) + T.Load(sums + (part * length) + index)).Store(sums + index);
        }

        int channel = block * T.Count, channels = Math.Min(T.Count, shape.Groups - channel);
        LaneTranspose.Split<T>(sums, shape.Taps, channels, work.Arguments.FilterGradient + ((nint)channel * shape.Taps), shape.Taps);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add9<T>(in Work work, int rows)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = work.Arguments.Shape;
        nint step = (nint)shape.StrideWidth * T.Count, line = (nint)shape.StrideHeight * work.Inputs.Columns * T.Count;
        nint second = work.Offsets[1], third = work.Offsets[2], down = work.Offsets[3];
        float* start = work.Inputs.To;
        float* gradient = work.Gradients.To;
        T s0 = T.Splat(0f), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0;
        for (int row = 0; row < rows; row++, start += line)
        {
            float* top = start;
            float* middle = start + down;
            float* bottom = middle + down;
            for (int column = 0; column < shape.OutputWidth; column++, gradient += T.Count, top += step, middle += step, bottom += step)
            {
                T g = T.Load(gradient);
                s0 = T.MultiplyAdd(g, T.Load(top), s0);
                s1 = T.MultiplyAdd(g, T.Load(top + second), s1);
                s2 = T.MultiplyAdd(g, T.Load(top + third), s2);
                s3 = T.MultiplyAdd(g, T.Load(middle), s3);
                s4 = T.MultiplyAdd(g, T.Load(middle + second), s4);
                s5 = T.MultiplyAdd(g, T.Load(middle + third), s5);
                s6 = T.MultiplyAdd(g, T.Load(bottom), s6);
                s7 = T.MultiplyAdd(g, T.Load(bottom + second), s7);
                s8 = T.MultiplyAdd(g, T.Load(bottom + third), s8);
            }
        }

        float* sums = work.Sums;
        (T.Load(sums) + s0).Store(sums);
        (T.Load(sums + T.Count) + s1).Store(sums + T.Count);
        (T.Load(sums + (2 * T.Count)) + s2).Store(sums + (2 * T.Count));
        (T.Load(sums + (3 * T.Count)) + s3).Store(sums + (3 * T.Count));
        (T.Load(sums + (4 * T.Count)) + s4).Store(sums + (4 * T.Count));
        (T.Load(sums + (5 * T.Count)) + s5).Store(sums + (5 * T.Count));
        (T.Load(sums + (6 * T.Count)) + s6).Store(sums + (6 * T.Count));
        (T.Load(sums + (7 * T.Count)) + s7).Store(sums + (7 * T.Count));
        (T.Load(sums + (8 * T.Count)) + s8).Store(sums + (8 * T.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add5<T>(in Work work, int tap, int rows)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = work.Arguments.Shape;
        nint step = (nint)shape.StrideWidth * T.Count, line = (nint)shape.StrideHeight * work.Inputs.Columns * T.Count;
        nint* offsets = work.Offsets + tap;
        nint second = offsets[1] - offsets[0], third = offsets[2] - offsets[0];
        nint fourth = offsets[3] - offsets[0], fifth = offsets[4] - offsets[0];
        float* start = work.Inputs.To + offsets[0];
        float* gradient = work.Gradients.To;
        T s0 = T.Splat(0f), s1 = s0, s2 = s0, s3 = s0, s4 = s0;
        for (int row = 0; row < rows; row++, start += line)
        {
            float* at = start;
            for (int column = 0; column < shape.OutputWidth; column++, gradient += T.Count, at += step)
            {
                T g = T.Load(gradient);
                s0 = T.MultiplyAdd(g, T.Load(at), s0);
                s1 = T.MultiplyAdd(g, T.Load(at + second), s1);
                s2 = T.MultiplyAdd(g, T.Load(at + third), s2);
                s3 = T.MultiplyAdd(g, T.Load(at + fourth), s3);
                s4 = T.MultiplyAdd(g, T.Load(at + fifth), s4);
            }
        }

        float* sums = work.Sums + (tap * T.Count);
        (T.Load(sums) + s0).Store(sums);
        (T.Load(sums + T.Count) + s1).Store(sums + T.Count);
        (T.Load(sums + (2 * T.Count)) + s2).Store(sums + (2 * T.Count));
        (T.Load(sums + (3 * T.Count)) + s3).Store(sums + (3 * T.Count));
        (T.Load(sums + (4 * T.Count)) + s4).Store(sums + (4 * T.Count));
    }

    private struct Work
    {
        public ConvolutionFilterGradient.Arguments Arguments;
        public InterleavedPlanes Inputs;
        public InterleavedPlanes Gradients;
        public int Blocks;
        public int Parts;
        public int Taps;
        public int BandRows;
        public nint* Offsets;
        public float* Sums;
    }
}
