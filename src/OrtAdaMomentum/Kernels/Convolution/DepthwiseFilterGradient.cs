using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// The gradient of a filter whose every channel has one plane in and one out. The output gradient is laid out with as many columns as the
/// padded input, zeros at the end of its rows: a tap is then one product of two runs, and its sum stays in a register for a whole plane.
/// </summary>
internal static unsafe class DepthwiseFilterGradient
{
    private const int LargestTaps = 25;
    private const int LargestRegister = 16;

    /// <summary>Whether a shape is one that this computes: there it is faster than the kernel for all shapes.</summary>
    public static bool Takes(in ConvolutionShape shape) =>
        shape.Groups == shape.InputChannels && shape.Groups == shape.OutputChannels
        && shape.KernelHeight == shape.KernelWidth && shape.KernelWidth is 3 or 5
        && shape.StrideHeight == shape.StrideWidth && shape.StrideWidth is 1 or 2
        && shape.DilationHeight == 1 && shape.DilationWidth == 1 && shape.PadTop >= 0 && shape.PadLeft >= 0;

    /// <summary>Computes the gradient.</summary>
    /// <param name="arguments">Pointers and extents, of a shape that it <see cref="Takes"/>.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(in ConvolutionFilterGradient.Arguments arguments, KernelThreads threads, VectorWidth? width = null)
    {
        ConvolutionShape shape = arguments.Shape;
        Work work = new()
        {
            Arguments = arguments,
            Channels = new Pieces(shape.Groups, (nint)shape.Batch * (shape.InputPlane + shape.OutputPlane)),
        };
        threads.For(work.Channels.Count, KernelWidth.Choose(width, &Piece<Lanes16>, &Piece<Lanes8>, &Piece<Lanes4>, &Piece<Lanes1>), &work);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        ConvolutionShape shape = work.Arguments.Shape;
        int kernel = shape.KernelWidth;
        DepthwisePlane input = new()
        {
            Height = shape.InputHeight, Width = shape.InputWidth, Top = shape.PadTop, Left = shape.PadLeft, Stride = shape.StrideWidth,
            Rows = shape.OutputHeight + ((kernel - 1) / shape.StrideWidth), Pitch = shape.OutputWidth + ((kernel - 1) / shape.StrideWidth),
        };
        DepthwisePlane gradient = new()
        {
            Height = shape.OutputHeight, Width = shape.OutputWidth, Stride = 1, Rows = shape.OutputHeight, Pitch = input.Pitch,
        };
        input.To = Scratch.OfThread.Floats(input.Length + gradient.Length);
        gradient.To = input.To + input.Length;
        input.Clear();
        gradient.Clear();
        int length = shape.OutputHeight * input.Pitch;
        float* sums = stackalloc float[LargestTaps * LargestRegister];
        var (from, to) = work.Channels[piece];
        for (nint channel = from; channel < to; channel++)
        {
            new Span<float>(sums, LargestTaps * LargestRegister).Clear();
            for (int image = 0; image < shape.Batch; image++)
            {
                nint plane = ((nint)image * shape.Groups) + channel;
                input.Copy<T>(work.Arguments.Input + (plane * shape.InputPlane));
                gradient.Copy<T>(work.Arguments.OutputGradient + (plane * shape.OutputPlane));
                if (kernel == 3)
                {
                    Add9<T>(input, gradient.To, length, sums);
                    continue;
                }

                for (int row = 0; row < kernel; row++)
                    Add5<T>(input, row, gradient.To, length, sums + (row * kernel * T.Count));
            }

            float* result = work.Arguments.FilterGradient + (channel * shape.Taps);
            for (int tap = 0; tap < shape.Taps; tap++)
                result[tap] = T.Load(sums + (tap * T.Count)).Sum();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add9<T>(in DepthwisePlane input, float* gradient, int length, float* sums)
        where T : struct, ILanes<T>
    {
        float* top = input.To, middle = top + input.RowOffset(1), bottom = top + input.RowOffset(2);
        nint second = input.ColumnOffset(1), third = input.ColumnOffset(2);
        T s0 = T.Splat(0f), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0;
        for (int index = 0; index < length; index += T.Count)
        {
            T g = T.Load(gradient + index);
            s0 = T.MultiplyAdd(g, T.Load(top + index), s0);
            s1 = T.MultiplyAdd(g, T.Load(top + second + index), s1);
            s2 = T.MultiplyAdd(g, T.Load(top + third + index), s2);
            s3 = T.MultiplyAdd(g, T.Load(middle + index), s3);
            s4 = T.MultiplyAdd(g, T.Load(middle + second + index), s4);
            s5 = T.MultiplyAdd(g, T.Load(middle + third + index), s5);
            s6 = T.MultiplyAdd(g, T.Load(bottom + index), s6);
            s7 = T.MultiplyAdd(g, T.Load(bottom + second + index), s7);
            s8 = T.MultiplyAdd(g, T.Load(bottom + third + index), s8);
        }

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
    private static void Add5<T>(in DepthwisePlane input, int row, float* gradient, int length, float* sums)
        where T : struct, ILanes<T>
    {
        float* first = input.To + input.RowOffset(row), second = first + input.ColumnOffset(1), third = first + input.ColumnOffset(2);
        float* fourth = first + input.ColumnOffset(3), fifth = first + input.ColumnOffset(4);
        T s0 = T.Splat(0f), s1 = s0, s2 = s0, s3 = s0, s4 = s0;
        for (int index = 0; index < length; index += T.Count)
        {
            T g = T.Load(gradient + index);
            s0 = T.MultiplyAdd(g, T.Load(first + index), s0);
            s1 = T.MultiplyAdd(g, T.Load(second + index), s1);
            s2 = T.MultiplyAdd(g, T.Load(third + index), s2);
            s3 = T.MultiplyAdd(g, T.Load(fourth + index), s3);
            s4 = T.MultiplyAdd(g, T.Load(fifth + index), s4);
        }

        (T.Load(sums) + s0).Store(sums);
        (T.Load(sums + T.Count) + s1).Store(sums + T.Count);
        (T.Load(sums + (2 * T.Count)) + s2).Store(sums + (2 * T.Count));
        (T.Load(sums + (3 * T.Count)) + s3).Store(sums + (3 * T.Count));
        (T.Load(sums + (4 * T.Count)) + s4).Store(sums + (4 * T.Count));
    }

    private struct Work
    {
        public ConvolutionFilterGradient.Arguments Arguments;
        public Pieces Channels;
    }
}
