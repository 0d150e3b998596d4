using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>
/// Max pooling by windows of 2x2 elements side by side: the even and the odd elements of two rows are the four taps of a row of windows.
/// </summary>
internal static unsafe class MaxPoolPairs
{
    // Places within two rows are counted in floats, which must hold them exactly.
    private const nint MostColumns = 1 << 20;

    /// <summary>Whether the windows are such ones, without padding.</summary>
    public static bool Takes(in MaxPoolForward.Arguments arguments) =>
        IsPair(arguments.Rows) && IsPair(arguments.Columns) && arguments.Columns.Elements <= MostColumns;

    /// <summary>Computes the output.</summary>
    /// <param name="arguments">Tensors and extents, of windows that it <see cref="Takes"/>.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; null takes the widest.</param>
    public static void Run(in MaxPoolForward.Arguments arguments, KernelThreads threads, VectorWidth? width)
    {
        // Every row is taken in whole registers, of which the last two may overlap.
        VectorWidth filled = width ?? VectorWidths.Widest;
        while (filled > VectorWidth.Scalar && (int)filled / (8 * sizeof(float)) > arguments.Columns.Windows)
            filled = filled == VectorWidth.Bits128 ? VectorWidth.Scalar : (VectorWidth)((int)filled / 2);
        State state = new() { Arguments = arguments, Pieces = new(arguments.Planes, arguments.Rows.Elements * arguments.Columns.Elements) };
        threads.For(
            state.Pieces.Count, KernelWidth.Choose(filled, &Piece<Lanes16>, &Piece<Lanes8>, &Piece<Lanes4>, &Piece<Lanes1>), &state);
    }

    private static bool IsPair(in WindowAxis axis) =>
        axis is { Taps: 2, Stride: 2, Dilation: 1, Before: 0 } && 2 * axis.Windows <= axis.Elements;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        MaxPoolForward.Arguments all = ((State*)state)->Arguments;
        (nint plane, nint end) = ((State*)state)->Pieces[piece];
        float* evens = stackalloc float[Lanes16.Count];
        for (int lane = 0; lane < T.Count; lane++)
            evens[lane] = 2 * lane;
        nint columns = all.Columns.Elements, windows = all.Columns.Windows, next;
        T first = T.Load(evens), second = first + T.Splat(1), third = first + T.Splat(columns), fourth = third + T.Splat(1);
        for (nint row = plane * all.Rows.Windows; row < end * all.Rows.Windows; row++)
        {
            (nint image, nint rowOfImage) = Math.DivRem(row, all.Rows.Windows);
            nint start = ((image * all.Rows.Elements) + (2 * rowOfImage)) * columns;
            float* top = all.Input + start, bottom = top + columns;
            for (nint window = 0; window < windows; window = next)
            {
                T topLow = T.Load(top + (2 * window)), topHigh = T.Load(top + (2 * window) + T.Count);
                T bottomLow = T.Load(bottom + (2 * window)), bottomHigh = T.Load(bottom + (2 * window) + T.Count);
                T greatest = T.Even(topLow, topHigh), taken = first;
                Take(T.Odd(topLow, topHigh), second, ref greatest, ref taken);
                Take(T.Even(bottomLow, bottomHigh), third, ref greatest, ref taken);
                Take(T.Odd(bottomLow, bottomHigh), fourth, ref greatest, ref taken);
                if (all.Output != null)
                    greatest.Store(all.Output + (row * windows) + window);
                if (all.Places != null)
                    taken.Store(all.Places + (row * windows) + window, start + (2 * window));
                next = window + T.Count;
                if (next < windows)
                    next = Math.Min(next, windows - T.Count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take<T>(T value, T place, ref T greatest, ref T taken)
        where T : struct, ILanes<T>
    {
        taken = T.WhereGreater(value, greatest, place, taken);
        greatest = T.WhereGreater(value, greatest, value, greatest);
    }

    private struct State
    {
        public MaxPoolForward.Arguments Arguments;
        public Pieces Pieces;
    }
}
