using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// A copy of some rows of the planes of as many channels as a register has lanes, element by element side by side: a register then holds one
/// element of each channel, and is full however small the planes are. Around the elements, and between them where they are spread, are zeros.
/// </summary>
internal unsafe struct InterleavedPlanes
{
    /// <summary>Rows with fewer columns are turned together, as one of them fills no block of <see cref="LaneTranspose"/>.</summary>
    private const int Narrow = 4;

    /// <summary>The copy.</summary>
    public float* To;

    /// <summary>Rows of a plane.</summary>
    public int Height;

    /// <summary>Columns of a plane.</summary>
    public int Width;

    /// <summary>Rows of zeros above; below zero, rows of the copy cut off.</summary>
    public int Top;

    /// <summary>Columns of zeros on the left; below zero, columns of the copy cut off.</summary>
    public int Left;

    /// <summary>Rows of the copy from an element to the next.</summary>
    public int SpreadHeight;

    /// <summary>Columns of the copy from an element to the next.</summary>
    public int SpreadWidth;

    /// <summary>Rows of the copy.</summary>
    public int Rows;

    /// <summary>Columns of the copy.</summary>
    public int Columns;

    /// <summary>Columns behind the last row that may be read.</summary>
    public int Slack;

    private readonly int FirstColumn => Math.Min(Width, FirstFrom(Left, SpreadWidth));

    private readonly int ColumnCount => Math.Max(0, Math.Min(Width, FirstFrom(Left - Columns, SpreadWidth)) - FirstColumn);

    /// <summary>Floats of the copy, and of what is needed to make it.</summary>
    public readonly nint Length<T>()
        where T : struct, ILanes<T> => CopyLength<T>() + (Width < Narrow ? (nint)Rows * Width * T.Count : 0);

    /// <summary>Writes zeros, of which every later copy leaves those between columns of elements in place.</summary>
    public readonly void Clear<T>()
        where T : struct, ILanes<T> => new Span<float>(To, (int)CopyLength<T>()).Clear();

    /// <summary>Copies rows.</summary>
    /// <param name="from">First element of the first channel's plane.</param>
    /// <param name="channels">Number of channels, at most as many as there are lanes.</param>
    /// <param name="top">First row, of the padded and spread planes. From one call to the next it changes by multiples of the spread.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Copy<T>(float* from, int channels, int top)
        where T : struct, ILanes<T>
    {
        int begin = FirstFrom(Top - top, SpreadHeight), end = Math.Min(Height, FirstFrom(Top - top - Rows, SpreadHeight));
        int columns = ColumnCount;
        if (begin >= end || columns == 0)
        {
            Clear<T>(0, Rows);
            return;
        }

        int first = (begin * SpreadHeight) + Top - top;
        Clear<T>(0, first);
        Clear<T>(((end - 1) * SpreadHeight) + Top - top + 1, Rows);
        nint plane = (nint)Height * Width, line = (nint)SpreadHeight * Columns * T.Count, step = (nint)SpreadWidth * T.Count;
        float* to = To + ((((nint)first * Columns) + (FirstColumn * SpreadWidth) + Left) * T.Count);
        from += (nint)begin * Width;
        if (columns == Columns && columns == Width && SpreadHeight == 1)
        {
            LaneTranspose.Join<T>(from, plane, channels, (end - begin) * columns, to, T.Count);
        }
        else if (Width < Narrow)
        {
            float* turned = To + CopyLength<T>();
            LaneTranspose.Join<T>(from, plane, channels, (end - begin) * Width, turned, T.Count);
            turned += FirstColumn * T.Count;
            for (int row = begin; row < end; row++, turned += Width * T.Count, to += line)
            {
                for (int column = 0; column < columns; column++)
                    T.Load(turned + (column * T.Count)).Store(to + (column * step));
            }
        }
        else
        {
            from += FirstColumn;
            for (int row = begin; row < end; row++, from += Width, to += line)
                LaneTranspose.Join<T>(from, plane, channels, columns, to, step);
        }
    }

    /// <summary>The first element that is not before the copy, where the first of all lies <paramref name="before"/> places behind its start.</summary>
    private static int FirstFrom(int before, int spread) => before >= 0 ? 0 : (spread - 1 - before) / spread;

    private readonly nint CopyLength<T>()
        where T : struct, ILanes<T> => Scratch.Round((((nint)Rows * Columns) + Slack) * T.Count);

    private readonly void Clear<T>(int begin, int end)
        where T : struct, ILanes<T>
    {
        if (begin < end)
            new Span<float>(To + ((nint)begin * Columns * T.Count), (end - begin) * Columns * T.Count).Clear();
    }
}
