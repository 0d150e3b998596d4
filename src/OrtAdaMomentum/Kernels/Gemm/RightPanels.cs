using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>
/// The right operand of many products one after another, packed once as <see cref="Tile"/> reads it: panels of a tile's width, of which
/// each holds a row for each step of the depth.
/// </summary>
internal static unsafe class RightPanels
{
    // A stretch of this depth of a panel stays in the nearest cache while the rows pass by.
    private const int DeepestStretch = 256;

    /// <summary>Panels that a number of columns takes.</summary>
    public static int Count<T>(int columns)
        where T : struct, ILanes<T> => (columns + Tile.Width<T>() - 1) / Tile.Width<T>();

    /// <summary>Floats of a panel.</summary>
    public static nint Length<T>(int depth)
        where T : struct, ILanes<T> => (nint)Tile.Width<T>() * depth;

    /// <summary>Packs a panel from a matrix [depth, columns].</summary>
    /// <param name="from">Its first element of the panel.</param>
    /// <param name="stride">Floats from a row of it to the next.</param>
    /// <param name="columns">Columns that exist, at most a tile's width.</param>
    /// <param name="depth">Rows of the matrix.</param>
    /// <param name="to">The panel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack<T>(float* from, nint stride, int columns, int depth, float* to)
        where T : struct, ILanes<T>
    {
        int left = Math.Min(columns, T.Count), right = columns - left;
        for (int step = 0; step < depth; step++, from += stride, to += 2 * T.Count)
        {
            T.LoadFirst(from, left).Store(to);
            T.LoadFirst(from + left, right).Store(to + T.Count);
        }
    }

    /// <summary>Packs a panel from a matrix that lies turned, [columns, depth].</summary>
    /// <param name="from">Its first element of the panel.</param>
    /// <param name="stride">Floats from a row of it to the next.</param>
    /// <param name="columns">Columns that exist, at most a tile's width.</param>
    /// <param name="depth">Columns of the matrix as it lies.</param>
    /// <param name="to">The panel.</param>
    public static void PackTurned<T>(float* from, nint stride, int columns, int depth, float* to)
        where T : struct, ILanes<T>
    {
        if (columns < Tile.Width<T>())
            new Span<float>(to, checked((int)Length<T>(depth))).Clear();
        MatrixTranspose.Run(from, stride, columns, depth, to, Tile.Width<T>());
    }

    /// <summary>Some rows times one panel.</summary>
    /// <param name="rows">The left operand, as <see cref="RowPanels"/> packs it.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="depth">Depth of the product.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="result">As wide as a tile; the padding of the rows goes there too.</param>
    public static void Multiply<T>(float* rows, int count, int depth, float* panel, float* result)
        where T : struct, ILanes<T>
    {
        nint noOffset = 0;
        int width = Tile.Width<T>(), stretches = Math.Max(1, (depth + DeepestStretch - 1) / DeepestStretch);
        for (int stretch = 0; stretch < stretches; stretch++)
        {
            int begin = (int)((long)depth * stretch / stretches), end = (int)((long)depth * (stretch + 1) / stretches);
            TileOperands operands = new() { RunOffsets = &noOffset, Runs = 1, Depth = end - begin, Right = panel + ((nint)begin * width) };
            int height;
            for (int row = 0; row < count; row += height)
            {
                height = RowPanels.Height<T>(count - row);
                operands.Left = rows + ((nint)row * depth) + (begin * height);
                operands.LeftStep = height;
                Tile.Multiply<T>(height, operands, result + (row * width), width, add: stretch > 0);
            }
        }
    }
}
