using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>Computes a <see cref="PanelProduct"/>: blocks of columns, and of rows where the columns are few, are pieces of their own.</summary>
internal static unsafe class PanelMultiplier
{
    // A stretch of this depth of a column panel stays in the nearest cache while the row panels pass by.
    public const int DeepestStretch = 256;
    private const int ColumnsPerBlock = 256;
    private const int WantedPieces = 16;
    private const int FewestPieces = 4;
    private const long WorthSharing = 1024 * 1024;
    private const int LeastRowsPerPiece = 96;

    public static void Run<T>(in PanelProduct product, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        if (product.Columns == 0 || product.RowCount == 0 || product.Groups == 0)
            return;
        State state = new() { Product = product };
        long panels = (product.Columns + Tile.Width<T>() - 1) / Tile.Width<T>();
        state.ColumnBlocks = (int)((product.Columns + ColumnsPerBlock - 1) / ColumnsPerBlock);
        int blocks = state.ColumnBlocks * product.Groups;
        state.RowBlocks = Math.Clamp(WantedPieces / blocks, 1, Math.Max(1, product.RowCount / LeastRowsPerPiece));
        int pieces = blocks * state.RowBlocks;
        if (pieces < FewestPieces && product.Columns * product.RowCount * product.Depth >= WorthSharing)
            state.ColumnBlocks = (int)Math.Min(panels, (long)state.ColumnBlocks * (FewestPieces / pieces));
        state.Panels = panels;
        threads.For(state.ColumnBlocks * product.Groups * state.RowBlocks, &Piece<T>, &state);
    }

    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        State all = *(State*)state;
        int rowBlock = piece % all.RowBlocks, columnBlock = piece / all.RowBlocks % all.ColumnBlocks;
        int group = piece / all.RowBlocks / all.ColumnBlocks;
        Block block = new()
        {
            Product = all.Product,
            Group = group,
            RowBegin = PanelStart<T>(all.Product.RowCount, (int)((long)all.Product.RowCount * rowBlock / all.RowBlocks)),
            RowEnd = PanelStart<T>(all.Product.RowCount, (int)((long)all.Product.RowCount * (rowBlock + 1) / all.RowBlocks)),
            Packed = Scratch.OfThread.Floats((DeepestStretch * Tile.Width<T>()) + (Tile.Tallest<T>() * Tile.Width<T>())),
        };
        block.Spilled = block.Packed + (DeepestStretch * Tile.Width<T>());
        long first = all.Panels * columnBlock / all.ColumnBlocks, end = all.Panels * (columnBlock + 1) / all.ColumnBlocks;

        int depth = all.Product.Depth, stretches = Math.Max(1, (depth + DeepestStretch - 1) / DeepestStretch);
        ColumnPanel columns = default;
        for (int stretch = 0; stretch < stretches; stretch++)
        {
            int begin = (int)((long)depth * stretch / stretches), count = (int)((long)depth * (stretch + 1) / stretches) - begin;
            for (long panel = first; panel < end; panel++)
            {
                columns.MoveTo(all.Product, panel * Tile.Width<T>(), Tile.Width<T>());
                if (count > 0)
                    columns.Pack<T>(all.Product, group, begin, count, block.Packed);
                Multiply<T>(block, columns, begin, count);
            }
        }
    }

    /// <summary>All rows of the block times one panel of columns.</summary>
    private static void Multiply<T>(in Block block, in ColumnPanel columns, int begin, int count)
        where T : struct, ILanes<T>
    {
        PanelProduct product = block.Product;
        nint depth = product.Depth, noOffset = 0;
        float* rows = product.Rows + (block.Group * product.RowsGroupStride);
        float* result = product.Result + (block.Group * product.ResultGroupStride) + (columns.Image * product.ResultImageStride) + columns.Place;
        float* bias = begin == 0 && product.Bias != null ? product.Bias + ((nint)block.Group * product.RowCount) : null;
        bool inOneImage = columns.Count == Tile.Width<T>() && columns.Place + columns.Count <= product.Places;
        bool add = begin > 0 || product.Add;
        TileOperands operands = new() { RunOffsets = &noOffset, Runs = 1, Depth = count, Right = block.Packed };
        int height;
        for (int row = block.RowBegin; row < block.RowEnd; row += height)
        {
            height = RowPanels.Height<T>(product.RowCount - row);
            operands.Left = rows + (row * depth) + (begin * height);
            operands.LeftStep = height;
            if (inOneImage && row + height <= product.RowCount)
            {
                float* tile = result + (row * product.ResultRowStride);
                if (bias != null)
                    Fill<T>(tile, product.ResultRowStride, bias + row, height);
                Tile.Multiply<T>(height, operands, tile, product.ResultRowStride, add || bias != null);
                continue;
            }

            Tile.Multiply<T>(height, operands, block.Spilled, Tile.Width<T>(), add: false);
            Spill<T>(block, columns, row, Math.Min(height, product.RowCount - row), add, bias);
        }
    }

    private static void Fill<T>(float* tile, nint stride, float* values, int height)
        where T : struct, ILanes<T>
    {
        for (int row = 0; row < height; row++, tile += stride)
        {
            T value = T.Splat(values[row]);
            value.Store(tile);
            value.Store(tile + T.Count);
        }
    }

    /// <summary>Takes a tile that covers parts of several images, or rows or columns that do not exist, to the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spill<T>(in Block block, in ColumnPanel columns, int row, int rows, bool add, float* bias)
        where T : struct, ILanes<T>
    {
        PanelProduct product = block.Product;
        int image = columns.Image, place = columns.Place;
        for (int done = 0; done < columns.Count;)
        {
            int length = Math.Min(product.Places - place, columns.Count - done);
            float* to = product.Result + (block.Group * product.ResultGroupStride) + (image * product.ResultImageStride)
                + (row * product.ResultRowStride) + place;
            float* from = block.Spilled + done;
            for (int i = 0; i < rows; i++, to += product.ResultRowStride, from += Tile.Width<T>())
                Add<T>(from, to, length, add, bias == null ? 0 : bias[row + i]);
            done += length;
            (image, place) = (image + 1, 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(float* from, float* to, int length, bool add, float bias)
        where T : struct, ILanes<T>
    {
        T biases = T.Splat(bias);
        int index = 0;
        for (; index + T.Count <= length; index += T.Count)
        {
            T value = T.Load(from + index) + biases;
            (add ? value + T.Load(to + index) : value).Store(to + index);
        }

        for (; index < length; index++)
            to[index] = add ? from[index] + bias + to[index] : from[index] + bias;
    }

    /// <summary>The first row at or after the given one at which a panel starts.</summary>
    private static int PanelStart<T>(int rows, int atLeast)
        where T : struct, ILanes<T>
    {
        int row = 0;
        while (row < atLeast)
            row += RowPanels.Height<T>(rows - row);
        return Math.Min(row, rows);
    }

    private struct State
    {
        public PanelProduct Product;
        public long Panels;
        public int ColumnBlocks;
        public int RowBlocks;
    }

    private struct Block
    {
        public PanelProduct Product;
        public int Group;
        public int RowBegin;
        public int RowEnd;
        public float* Packed;
        public float* Spilled;
    }
}
