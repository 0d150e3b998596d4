using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>
/// The left operand of a product as <see cref="Tile"/> reads it: panels of a tile's height, one after another, the rows of a panel side by
/// side for each step of the depth.
/// </summary>
internal static unsafe class RowPanels
{
    private const int PanelsPerPiece = 4;

    /// <summary>Height of the next panel. Heights are chosen so that few of the rows computed are padding.</summary>
    /// <param name="remaining">How many rows are still to come, this panel's included.</param>
    public static int Height<T>(int remaining)
        where T : struct, ILanes<T>
    {
        int tallest = Tile.Tallest<T>(), third = tallest / 3;
        if (remaining >= tallest && (remaining == tallest || remaining > tallest + third))
            return tallest;
        if (remaining > tallest)
            return 2 * third;
        return remaining > 2 * third ? tallest : remaining > third ? 2 * third : third;
    }

    /// <summary>Floats that the panels of a number of rows take.</summary>
    public static nint Length<T>(int rows, nint depth)
        where T : struct, ILanes<T>
    {
        nint padded = 0;
        for (int row = 0; row < rows;)
        {
            int height = Height<T>(rows - row);
            padded += height;
            row += height;
        }

        return Scratch.Round(padded * depth);
    }

    /// <summary>Packs the rows of all groups.</summary>
    /// <param name="rows">Where the rows lie.</param>
    /// <param name="threads">Threads to use.</param>
    public static void Pack<T>(in PackedRows rows, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        PackedRows state = rows;
        threads.For(rows.Groups * PiecesOfGroup<T>(rows.Count), &Piece<T>, &state);
    }

    /// <summary>Packs a stretch of the depth. What pads the rows is left as it is.</summary>
    /// <param name="from">The stretch of the first row.</param>
    /// <param name="stride">Floats from a row to the next.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="depth">The whole depth.</param>
    /// <param name="begin">Where in the depth the stretch begins.</param>
    /// <param name="count">Its steps.</param>
    /// <param name="to">The panels.</param>
    public static void PackStretch<T>(float* from, nint stride, int rows, int depth, int begin, int count, float* to)
        where T : struct, ILanes<T>
    {
        int height;
        for (int row = 0; row < rows; row += height)
        {
            height = Height<T>(rows - row);
            float* panel = to + ((nint)row * depth) + ((nint)begin * height);
            MatrixTranspose.Run(from + (row * stride), stride, Math.Min(height, rows - row), count, panel, height);
        }
    }

    private static int PiecesOfGroup<T>(int rows)
        where T : struct, ILanes<T> => (rows + (PanelsPerPiece * Tile.Tallest<T>()) - 1) / (PanelsPerPiece * Tile.Tallest<T>());

    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        PackedRows rows = *(PackedRows*)state;
        int pieces = PiecesOfGroup<T>(rows.Count), group = piece / pieces, rowsOfPiece = PanelsPerPiece * Tile.Tallest<T>();
        int begin = piece % pieces * rowsOfPiece, end = Math.Min(begin + rowsOfPiece, rows.Count);
        int height;
        for (int row = 0; row < end; row += height)
        {
            height = Height<T>(rows.Count - row);
            if (row >= begin)
                Panel<T>(rows, group, row, height);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel<T>(in PackedRows rows, int group, int row, int height)
        where T : struct, ILanes<T>
    {
        int taps = rows.Taps, given = Math.Min(height, rows.Count - row);
        nint depth = (nint)rows.Channels * taps;
        float* panel = rows.To + (group * rows.ToGroupStride) + (row * depth);
        float* first = rows.From + (group * rows.GroupStride) + (row * rows.RowStride);
        if (given < height)
            new Span<float>(panel, (int)(height * depth)).Clear();
        if (taps > 0 && rows.ChannelStride == taps && rows.TapOffsets[taps - 1] == taps - 1)
        {
            MatrixTranspose.Run(first, rows.RowStride, given, (int)depth, panel, height);
            return;
        }

        if (taps == 1 && rows.RowStride == 1)
        {
            first += rows.TapOffsets[0];
            for (int channel = 0; channel < rows.Channels; channel++, first += rows.ChannelStride, panel += height)
                ColumnPanel.Copy<T>(first, panel, given);
            return;
        }

        // Channels outside: rows that lie nearer to each other than channels do are then read together.
        for (int channel = 0; channel < rows.Channels; channel++, first += rows.ChannelStride, panel += (nint)taps * height)
        {
            for (int offset = 0; offset < given; offset++)
            {
                float* from = first + (offset * rows.RowStride), to = panel + offset;
                for (int tap = 0; tap < taps; tap++, to += height)
                    *to = from[rows.TapOffsets[tap]];
            }
        }
    }
}
