using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// The gradient of what a filter moves over whose every channel has one plane in and one out: at stride 1 the filter, turned round, moves
/// over the padded output gradient, and its nine taps stay in registers.
/// </summary>
internal static unsafe class DepthwiseInputGradient
{
    private const int Kernel = 3;

    /// <summary>Whether a shape is one that this computes: there it is faster than the kernel for all shapes.</summary>
    public static bool Takes(in ConvolutionShape shape) =>
        DepthwiseFilterGradient.Takes(shape) && shape.KernelWidth == Kernel && shape.StrideWidth == 1
        && shape.PadTop < Kernel && shape.PadLeft < Kernel;

    /// <summary>Computes the gradient.</summary>
    /// <param name="arguments">Pointers and extents, of a shape that it <see cref="Takes"/>.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(in ConvolutionInputGradient.Arguments arguments, KernelThreads threads, VectorWidth? width = null)
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
        DepthwisePlane gradient = new()
        {
            Height = shape.OutputHeight, Width = shape.OutputWidth, Stride = 1,
            Top = Kernel - 1 - shape.PadTop, Left = Kernel - 1 - shape.PadLeft,
            Rows = shape.InputHeight + Kernel - 1, Pitch = shape.InputWidth + Kernel - 1,
        };
        gradient.To = Scratch.OfThread.Floats(gradient.Length);
        gradient.Clear();
        var (from, to) = work.Channels[piece];
        for (nint channel = from; channel < to; channel++)
        {
            for (int image = 0; image < shape.Batch; image++)
            {
                nint plane = ((nint)image * shape.Groups) + channel;
                gradient.Copy<T>(work.Arguments.OutputGradient + (plane * shape.OutputPlane));
                Move<T>(
                    gradient, work.Arguments.Filter + (channel * shape.Taps), shape.InputHeight, shape.InputWidth,
                    work.Arguments.InputGradient + (plane * shape.InputPlane));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move<T>(in DepthwisePlane gradient, float* filter, int height, int width, float* result)
        where T : struct, ILanes<T>
    {
        T w0 = T.Splat(filter[8]), w1 = T.Splat(filter[7]), w2 = T.Splat(filter[6]);
        T w3 = T.Splat(filter[5]), w4 = T.Splat(filter[4]), w5 = T.Splat(filter[3]);
        T w6 = T.Splat(filter[2]), w7 = T.Splat(filter[1]), w8 = T.Splat(filter[0]);
        nint pitch = gradient.Pitch;
        float* top = gradient.To;
        for (int row = 0; row < height; row++, top += pitch, result += width)
        {
            float* middle = top + pitch, bottom = middle + pitch;
            for (int column = 0; column < width; column += T.Count)
            {
                T a = w0 * T.Load(top + column), b = w3 * T.Load(middle + column), c = w6 * T.Load(bottom + column);
                a = T.MultiplyAdd(w1, T.Load(top + column + 1), a);
                b = T.MultiplyAdd(w4, T.Load(middle + column + 1), b);
                c = T.MultiplyAdd(w7, T.Load(bottom + column + 1), c);
                a = T.MultiplyAdd(w2, T.Load(top + column + 2), a);
                b = T.MultiplyAdd(w5, T.Load(middle + column + 2), b);
                c = T.MultiplyAdd(w8, T.Load(bottom + column + 2), c);
                T sum = a + b + c;
                if (width - column >= T.Count)
                    sum.Store(result + column);
                else
                    sum.StoreFirst(result + column, width - column);
            }
        }
    }

    private struct Work
    {
        public ConvolutionInputGradient.Arguments Arguments;
        public Pieces Channels;
    }
}
