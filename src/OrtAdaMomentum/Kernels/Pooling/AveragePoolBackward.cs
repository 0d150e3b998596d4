using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>Gradient of average pooling over planes: what each window gets goes in equal shares to all its elements.</summary>
internal static unsafe class AveragePoolBackward
{
    /// <summary>Computes the gradient of the input.</summary>
    /// <param name="arguments">Tensors and extents.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; null takes the widest.</param>
    public static void Run(in Arguments arguments, KernelThreads threads, VectorWidth? width = null)
    {
        nint length = Math.Max(arguments.Rows.Elements * arguments.Columns.Elements, arguments.Rows.Windows * arguments.Columns.Windows);
        State state = new() { Arguments = arguments, Pieces = new(arguments.Planes, length) };
        threads.For(
            state.Pieces.Count, KernelWidth.Choose(width, &Piece<Lanes16>, &Piece<Lanes8>, &Piece<Lanes4>, &Piece<Lanes1>), &state);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Arguments all = ((State*)state)->Arguments;
        (nint plane, nint end) = ((State*)state)->Pieces[piece];
        nint windows = all.Columns.Windows, elements = all.Rows.Elements * all.Columns.Elements;
        float* counts = Scratch.OfThread.Floats(2 * Scratch.Round(windows) + all.Columns.Elements);
        float* shares = counts + Scratch.Round(windows), spread = shares + Scratch.Round(windows);
        for (nint window = 0; window < windows; window++)
            counts[window] = all.CountsPadding ? all.Columns.Taps : all.Columns.TapsInside(window);

        for (; plane < end; plane++)
        {
            float* result = all.Result + (plane * elements), gradient = all.Gradient + (plane * all.Rows.Windows * windows);
            NativeMemory.Clear(result, (nuint)elements * sizeof(float));
            for (nint row = 0; row < all.Rows.Windows; row++)
            {
                Divide<T>(gradient + (row * windows), counts, all.CountsPadding ? all.Rows.Taps : all.Rows.TapsInside(row), shares, windows);
                Spread<T>(shares, all.Columns, spread);
                for (nint tap = 0; tap < all.Rows.Taps; tap++)
                {
                    nint place = all.Rows.Place(row, tap);
                    if (all.Rows.IsInside(place))
                        Add<T>(spread, result + (place * all.Columns.Elements), all.Columns.Elements);
                }
            }
        }
    }

    /// <summary>What every element of a window gets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Divide<T>(float* gradient, float* counts, nint rows, float* shares, nint windows)
        where T : struct, ILanes<T>
    {
        T high = T.Splat(rows);
        nint index = 0;
        for (; index <= windows - T.Count; index += T.Count)
            (T.Load(gradient + index) / (T.Load(counts + index) * high)).Store(shares + index);
        for (; index < windows; index++)
            shares[index] = gradient[index] / (counts[index] * rows);
    }

    /// <summary>Adds up, for each column, the shares of the windows that it is in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread<T>(float* shares, in WindowAxis columns, float* spread)
        where T : struct, ILanes<T>
    {
        NativeMemory.Clear(spread, (nuint)columns.Elements * sizeof(float));
        for (nint tap = 0; tap < columns.Taps; tap++)
        {
            (nint window, nint end) = columns.WindowsInside(tap);
            float* place = spread + columns.Place(window, tap);
            if (columns.Stride == 1)
            {
                Add<T>(shares + window, place, end - window);
                continue;
            }

            for (; window < end; window++, place += columns.Stride)
                *place += shares[window];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(float* from, float* to, nint count)
        where T : struct, ILanes<T>
    {
        nint index = 0;
        for (; index <= count - T.Count; index += T.Count)
            (T.Load(to + index) + T.Load(from + index)).Store(to + index);
        for (; index < count; index++)
            to[index] += from[index];
    }

    /// <summary>Tensors and extents.</summary>
    public struct Arguments
    {
        /// <summary>Gradient of the output, [planes, rows of windows, columns of windows].</summary>
        public float* Gradient;

        /// <summary>Gradient of the input, [planes, rows, columns].</summary>
        public float* Result;

        /// <summary>Images times channels.</summary>
        public nint Planes;

        /// <summary>Windows from top to bottom.</summary>
        public WindowAxis Rows;

        /// <summary>Windows from left to right.</summary>
        public WindowAxis Columns;

        /// <summary>Whether padding is averaged too.</summary>
        public bool CountsPadding;
    }

    private struct State
    {
        public Arguments Arguments;
        public Pieces Pieces;
    }
}
