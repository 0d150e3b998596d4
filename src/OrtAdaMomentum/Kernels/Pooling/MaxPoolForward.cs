using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>
/// Max pooling over planes, and where the greatest elements are, as ONNX Runtime has it: a window takes its first element, and then each that
/// is greater than the one before. So it takes the first of equal ones, and a NaN where it comes first. Many windows of a row are compared at
/// once, so that nothing branches on what the numbers are.
/// </summary>
internal static unsafe class MaxPoolForward
{
    /// <summary>Computes the output.</summary>
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
        WindowAxis rows = all.Rows, columns = all.Columns;
        var work = Work.Over(rows, columns);
        for (; plane < end; plane++)
        {
            nint start = plane * rows.Elements * columns.Elements;
            for (nint row = 0; row < rows.Windows; row++)
            {
                work.Restart<T>();
                bool isFirst = true;
                for (nint tap = 0; tap < rows.Taps; tap++)
                {
                    nint place = rows.Place(row, tap);
                    if (!rows.IsInside(place))
                        continue;
                    work.Split(all.Input + start + (place * columns.Elements), columns);
                    work.Compare<T>(columns, tap * columns.Taps, isFirst);
                    isFirst = false;
                }

                nint output = ((plane * rows.Windows) + row) * columns.Windows;
                if (all.Output != null)
                    NativeMemory.Copy(work.Greatest, all.Output + output, (nuint)columns.Windows * sizeof(float));
                if (all.Places != null)
                    work.WritePlaces(all.Places + output, start + (rows.Place(row, 0) * columns.Elements), start, columns);
            }
        }
    }

    /// <summary>Tensors and extents.</summary>
    public struct Arguments
    {
        /// <summary>Input, [planes, rows, columns].</summary>
        public float* Input;

        /// <summary>Output, [planes, rows of windows, columns of windows]; null where it is not wanted.</summary>
        public float* Output;

        /// <summary>Which element each window took, counted through the whole input; null where that is not wanted.</summary>
        public long* Places;

        /// <summary>Images times channels.</summary>
        public nint Planes;

        /// <summary>Windows from top to bottom.</summary>
        public WindowAxis Rows;

        /// <summary>Windows from left to right.</summary>
        public WindowAxis Columns;
    }

    private struct State
    {
        public Arguments Arguments;
        public Pieces Pieces;
    }

    /// <summary>A row of windows in the making, in memory of the thread.</summary>
    private struct Work
    {
        /// <summary>The greatest element of each window so far.</summary>
        public float* Greatest;

        // Which tap that is, counted from 1; 0 while there is none.
        private float* _taken;

        // The first tap along a row that is not on padding; -1 where all are.
        private float* _firsts;

        // From the first element of a window to that of each tap; the first entry stands for none.
        private long* _offsets;

        // Where, in the strands, the taps of the first window along a row are.
        private long* _places;

        // Elements of a row of the input, padding as NaN, which is greater than nothing: one strand for each remainder by the stride, so that
        // one tap of neighbouring windows lies side by side.
        private float* _strands;
        private nint _strandLength;
        private nint _windows;

        public static Work Over(in WindowAxis rows, in WindowAxis columns)
        {
            nint windows = Scratch.Round(columns.Windows), taps = rows.Taps * columns.Taps, offsets = Scratch.Round(2 * (taps + 1));
            nint places = Scratch.Round(2 * columns.Taps);
            nint strandLength = windows + Scratch.Round(((columns.Taps - 1) * columns.Dilation / columns.Stride) + 1);
            float* memory = Scratch.OfThread.Floats((3 * windows) + offsets + places + (columns.Stride * strandLength));
            Work work = new()
            {
                Greatest = memory,
                _taken = memory + windows,
                _firsts = memory + (2 * windows),
                _offsets = (long*)(memory + (3 * windows)),
                _places = (long*)(memory + (3 * windows) + offsets),
                _strands = memory + (3 * windows) + offsets + places,
                _strandLength = strandLength,
                _windows = windows,
            };
            new Span<float>(work._strands, (int)(columns.Stride * strandLength)).Fill(float.NaN);
            for (nint tap = 0; tap < taps; tap++)
                work._offsets[tap + 1] = (tap / columns.Taps * rows.Dilation * columns.Elements) + (tap % columns.Taps * columns.Dilation);
            for (nint window = 0; window < windows; window++)
                work._firsts[window] = columns.FirstTapInside(window);
            for (nint tap = 0; tap < columns.Taps; tap++)
            {
                (nint place, nint strand) = Math.DivRem(tap * columns.Dilation, columns.Stride);
                work._places[tap] = (strand * strandLength) + place;
            }

            return work;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Restart<T>()
            where T : struct, ILanes<T>
        {
            T lowest = T.Splat(float.MinValue), none = T.Splat(0);
            for (nint window = 0; window < _windows; window += T.Count)
            {
                lowest.Store(Greatest + window);
                none.Store(_taken + window);
            }
        }

        /// <summary>Deals the elements of a row out. Those that no window reaches may stay behind.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Split(float* row, in WindowAxis columns)
        {
            for (nint strand = 0; strand < columns.Stride; strand++)
            {
                // The first element of the strand that is not on padding.
                nint place = columns.Before <= strand ? 0 : (columns.Before - strand + columns.Stride - 1) / columns.Stride;
                nint column = strand + (place * columns.Stride) - columns.Before;
                nint count = Math.Min(_strandLength - place, (columns.Elements - column + columns.Stride - 1) / columns.Stride);
                float* to = _strands + (strand * _strandLength) + place, from = row + column;
                if (columns.Stride == 1)
                {
                    NativeMemory.Copy(from, to, (nuint)Math.Max(count, 0) * sizeof(float));
                    continue;
                }

                for (nint index = 0; index < count; index++)
                    to[index] = from[index * columns.Stride];
            }
        }

        /// <summary>Takes one row of taps in.</summary>
        /// <param name="columns">Windows from left to right.</param>
        /// <param name="tapsBefore">Taps of the rows above.</param>
        /// <param name="isFirst">Whether the rows above are all on padding.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Compare<T>(in WindowAxis columns, nint tapsBefore, bool isFirst)
            where T : struct, ILanes<T>
        {
            for (nint window = 0; window < _windows; window += T.Count)
            {
                T greatest = T.Load(Greatest + window), taken = T.Load(_taken + window), first = isFirst ? T.Load(_firsts + window) : T.Splat(-1);
                for (nint tap = 0; tap < columns.Taps; tap++)
                {
                    T value = T.Load(_strands + _places[tap] + window);
                    T here = T.Splat(tap), number = T.Splat(tapsBefore + tap + 1);
                    taken = T.WhereEqual(first, here, number, T.WhereGreater(value, greatest, number, taken));
                    greatest = T.WhereEqual(first, here, value, T.WhereGreater(value, greatest, value, greatest));
                }

                greatest.Store(Greatest + window);
                taken.Store(_taken + window);
            }
        }

        /// <summary>Writes the places of what was taken.</summary>
        /// <param name="places">One for each window.</param>
        /// <param name="row">Place of the row of the first taps.</param>
        /// <param name="plane">Place where the plane starts.</param>
        /// <param name="columns">Windows from left to right.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void WritePlaces(long* places, nint row, nint plane, in WindowAxis columns)
        {
            // Where ONNX Runtime places nothing: at row -1 and column -1.
            long none = plane - columns.Elements - 1, first = row - columns.Before;
            for (nint window = 0; window < columns.Windows; window++, first += columns.Stride)
            {
                int taken = (int)_taken[window];
                places[window] = taken == 0 ? none : first + _offsets[taken];
            }
        }
    }
}
