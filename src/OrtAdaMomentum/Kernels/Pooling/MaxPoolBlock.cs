using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>Some rows of windows in the making, in memory of the thread. They lie one behind the other, each with room for its last taps.</summary>
internal unsafe struct MaxPoolBlock
{
    // So much that the work on it stays in the nearest cache, and that short rows fill vectors.
    private const int SoughtLength = 1024;

    // The greatest element of each window so far.
    private float* _greatest;

    // Which tap that is, counted from 1; 0 while there is none.
    private float* _taken;

    // The first tap of each window that is not on padding, counted from 0; -1 where all are.
    private float* _firsts;

    // The same along a row, for the windows of a row.
    private float* _firstsOfRow;

    // From the first element of a window to that of each tap; the first entry stands for none.
    private long* _offsets;

    // Where, in the strands, the taps along a row of the first window are.
    private long* _places;

    // One row of elements for each row of windows, padding as NaN, which is greater than nothing: one strand for each remainder by the
    // stride, so that the same tap of neighbouring windows lies side by side.
    private float* _strands;
    private nint _strandLength;

    private nint _rowLength;
    private nint _length;
    private nint _row;

    /// <summary>Rows of windows in a block; the last block of a plane may have fewer.</summary>
    public nint Rows { get; private set; }

    public static MaxPoolBlock Over(in WindowAxis rows, in WindowAxis columns)
    {
        nint reach = (columns.Taps - 1) * columns.Dilation / columns.Stride, rowLength = columns.Windows + reach;
        nint blockRows = Math.Clamp(SoughtLength / Math.Max(rowLength, 1), 1, Math.Max(rows.Windows, 1));
        nint length = Scratch.Round(blockRows * rowLength), strandLength = length + Scratch.Round(reach);
        nint taps = rows.Taps * columns.Taps, rowWindows = Scratch.Round(columns.Windows);
        nint offsets = Scratch.Round(2 * (taps + 1)), places = Scratch.Round(2 * columns.Taps);
        float* memory = Scratch.OfThread.Floats((3 * length) + rowWindows + offsets + places + (columns.Stride * strandLength));
        MaxPoolBlock block = new()
        {
            _greatest = memory,
            _taken = memory + length,
            _firsts = memory + (2 * length),
            _firstsOfRow = memory + (3 * length),
            _offsets = (long*)(memory + (3 * length) + rowWindows),
            _places = (long*)(memory + (3 * length) + rowWindows + offsets),
            _strands = memory + (3 * length) + rowWindows + offsets + places,
            _strandLength = strandLength,
            _rowLength = rowLength,
            _length = length,
            _row = -1,
            Rows = blockRows,
        };
        new Span<float>(block._firsts, (int)length).Fill(-1);
        new Span<float>(block._strands, (int)(columns.Stride * strandLength)).Fill(float.NaN);
        for (nint tap = 0; tap < taps; tap++)
            block._offsets[tap + 1] = (tap / columns.Taps * rows.Dilation * columns.Elements) + (tap % columns.Taps * columns.Dilation);
        for (nint window = 0; window < columns.Windows; window++)
            block._firstsOfRow[window] = columns.FirstTapInside(window);
        for (nint tap = 0; tap < columns.Taps; tap++)
        {
            (nint place, nint strand) = Math.DivRem(tap * columns.Dilation, columns.Stride);
            block._places[tap] = (strand * strandLength) + place;
        }

        return block;
    }

    /// <summary>Begins with the windows of <paramref name="row"/> and those below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Start<T>(nint row, in WindowAxis rows, in WindowAxis columns)
        where T : struct, ILanes<T>
    {
        T lowest = T.Splat(float.MinValue), none = T.Splat(0);
        for (nint window = 0; window < _length; window += T.Count)
        {
            lowest.Store(_greatest + window);
            none.Store(_taken + window);
        }

        // Planes in one block all have the same.
        if (_row == row)
            return;
        _row = row;
        for (nint index = 0; index < Filled(rows); index++)
        {
            nint first = rows.FirstTapInside(row + index);
            for (nint window = 0; window < columns.Windows; window++)
            {
                float along = _firstsOfRow[window];
                _firsts[(index * _rowLength) + window] = first < 0 || along < 0 ? -1 : (first * columns.Taps) + along;
            }
        }
    }

    /// <summary>Deals out the elements that a row of taps is on. Those that no window reaches may stay behind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Split(float* plane, nint tap, in WindowAxis rows, in WindowAxis columns)
    {
        nint filled = Filled(rows);
        for (nint strand = 0; strand < columns.Stride; strand++)
        {
            // The first element of the strand that is not on padding.
            nint place = columns.Before <= strand ? 0 : (columns.Before - strand + columns.Stride - 1) / columns.Stride;
            nint column = strand + (place * columns.Stride) - columns.Before;
            nint count = Math.Max(0, Math.Min(_rowLength - place, (columns.Elements - column + columns.Stride - 1) / columns.Stride));
            for (nint index = 0; index < filled; index++)
            {
                nint row = rows.Place(_row + index, tap);
                float* to = _strands + (strand * _strandLength) + (index * _rowLength) + place;
                if (!rows.IsInside(row))
                    new Span<float>(to, (int)count).Fill(float.NaN);
                else
                    Deal(plane + (row * columns.Elements) + column, columns.Stride, to, count);
            }
        }
    }

    /// <summary>Takes a row of taps in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Compare<T>(nint tapsBefore, nint taps)
        where T : struct, ILanes<T>
    {
        for (nint window = 0; window < _length; window += T.Count)
        {
            T greatest = T.Load(_greatest + window), taken = T.Load(_taken + window), first = T.Load(_firsts + window);
            for (nint tap = 0; tap < taps; tap++)
            {
                T value = T.Load(_strands + _places[tap] + window);
                T here = T.Splat(tapsBefore + tap), number = T.Splat(tapsBefore + tap + 1);
                taken = T.WhereEqual(first, here, number, T.WhereGreater(value, greatest, number, taken));
                greatest = T.WhereEqual(first, here, value, T.WhereGreater(value, greatest, value, greatest));
            }

            greatest.Store(_greatest + window);
            taken.Store(_taken + window);
        }
    }

    /// <summary>Writes the greatest elements into a plane of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void WriteOutput(float* plane, in WindowAxis rows, in WindowAxis columns)
    {
        for (nint index = 0; index < Filled(rows); index++)
        {
            float* output = plane + ((_row + index) * columns.Windows);
            NativeMemory.Copy(_greatest + (index * _rowLength), output, (nuint)columns.Windows * sizeof(float));
        }
    }

    /// <summary>Writes the places of what was taken into a plane of them; the input's plane starts at <paramref name="start"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void WritePlaces(long* plane, nint start, in WindowAxis rows, in WindowAxis columns)
    {
        // Where ONNX Runtime places nothing: at row -1 and column -1.
        long none = start - columns.Elements - 1;
        for (nint index = 0; index < Filled(rows); index++)
        {
            long* places = plane + ((_row + index) * columns.Windows);
            long first = start + (rows.Place(_row + index, 0) * columns.Elements) - columns.Before;
            float* taken = _taken + (index * _rowLength);
            for (nint window = 0; window < columns.Windows; window++, first += columns.Stride)
                places[window] = taken[window] == 0 ? none : first + _offsets[(int)taken[window]];
        }
    }

    private readonly nint Filled(in WindowAxis rows) => Math.Min(Rows, rows.Windows - _row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Deal(float* from, nint stride, float* to, nint count)
    {
        if (stride == 1)
        {
            NativeMemory.Copy(from, to, (nuint)count * sizeof(float));
            return;
        }

        for (nint index = 0; index < count; index++)
            to[index] = from[index * stride];
    }
}
