using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>
/// Convolution of 3x3 taps by Winograd's F(2x2, 3x3): 16 multiplications for 2x2 outputs instead of 36 (Lavin and Gray, Fast Algorithms for
/// Convolutional Neural Networks, 2015, arXiv:1509.09308). Patches and filters are transformed, multiplied element by element and added up
/// over the input channels, which makes 16 products of matrices, and transformed back.
/// </summary>
internal static unsafe class WinogradConvolution
{
    // Panels of output channels that are multiplied before the products are transformed back.
    private const int PanelsPerPiece = 2;

    // Blocks of patches for threads to share, of which each is worth that all filters pass by.
    private const int WantedBlocks = 8;
    private const int LeastPatches = 24;

    // With so many filters for so few patches, each thread takes filters; else each takes patches.
    private const int FiltersPerPatch = 512;
    private const int FewPatches = 256;

    // Input channels whose filters are transformed at once where each thread takes filters.
    private const int DepthAtOnce = 128;

    /// <summary>
    /// Whether a shape is one that this computes: there it is faster than the kernels for all shapes, for the output and for the gradient
    /// of the input.
    /// </summary>
    public static bool Takes(in ConvolutionShape shape) =>
        shape is { Groups: 1, StrideHeight: 1, StrideWidth: 1, DilationHeight: 1, DilationWidth: 1, HasManyChannels: true }
        && shape is { KernelHeight: FilterPatches.Kernel, KernelWidth: FilterPatches.Kernel }
        && shape is { PadTop: < FilterPatches.Kernel, PadLeft: < FilterPatches.Kernel };

    /// <summary>Computes the output.</summary>
    /// <param name="arguments">
    /// Pointers and extents: 3x3 taps side by side that move by one element, one group, less padding above and on the left than taps.
    /// </param>
    /// <param name="scratch">Memory to work in: the transformed filters, or the transformed patches where these are few.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(in ConvolutionForward.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null)
    {
        ConvolutionShape shape = arguments.Shape;
        Work work = new()
        {
            Input = new ChannelRows
            {
                Planes = arguments.Input, Channels = shape.InputChannels, Height = shape.InputHeight, Width = shape.InputWidth,
                Top = shape.PadTop, Left = shape.PadLeft,
            },
            Filter = new FilterPatches
            {
                Filter = arguments.Filter, Columns = shape.OutputChannels, ColumnStride = (nint)shape.InputChannels * FilterPatches.Taps,
                Depth = shape.InputChannels, DepthStride = FilterPatches.Taps,
            },
            Output = new OutputPatches
            {
                Planes = arguments.Output, Channels = shape.OutputChannels, Height = shape.OutputHeight, Width = shape.OutputWidth,
                Bias = arguments.Bias, Grid = new PatchGrid(shape.Batch, shape.OutputHeight, shape.OutputWidth),
            },
        };
        KernelWidth.Run(work, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);
    }

    /// <summary>Computes the gradient of the input: the output gradient convolved with the filter turned round.</summary>
    /// <param name="arguments">
    /// Pointers and extents: 3x3 taps side by side that move by one element, one group, less padding above and on the left than taps.
    /// </param>
    /// <param name="scratch">Memory to work in: the transformed filters, or the transformed patches where these are few.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(
        in ConvolutionInputGradient.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null)
    {
        ConvolutionShape shape = arguments.Shape;
        Work work = new()
        {
            Input = new ChannelRows
            {
                Planes = arguments.OutputGradient, Channels = shape.OutputChannels, Height = shape.OutputHeight, Width = shape.OutputWidth,
                Top = FilterPatches.Kernel - 1 - shape.PadTop, Left = FilterPatches.Kernel - 1 - shape.PadLeft,
            },
            Filter = new FilterPatches
            {
                Filter = arguments.Filter, Columns = shape.InputChannels, ColumnStride = FilterPatches.Taps,
                Depth = shape.OutputChannels, DepthStride = (nint)shape.InputChannels * FilterPatches.Taps, Reversed = true,
            },
            Output = new OutputPatches
            {
                Planes = arguments.InputGradient, Channels = shape.InputChannels, Height = shape.InputHeight, Width = shape.InputWidth,
                Grid = new PatchGrid(shape.Batch, shape.InputHeight, shape.InputWidth),
            },
        };
        KernelWidth.Run(work, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);
    }

    private static void Run<T>(in Work given, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        Work work = given;
        PatchGrid grid = work.Output.Grid;
        if (grid.Count == 0 || work.Filter.Columns == 0)
            return;
        int width = Tile.Width<T>(), depth = work.Filter.Depth;
        work.Input.Kept = PatchGrid.Inputs;
        work.Input.Columns = grid.InputColumns;
        work.Input.Pitch = (depth + T.Count - 1) / T.Count * T.Count;
        work.Panels = (work.Filter.Columns + width - 1) / width;
        work.PiecePanels = Math.Min(PanelsPerPiece, work.Panels);
        bool fewPatches = grid.Count <= FewPatches && (long)depth * work.Filter.Columns >= FiltersPerPatch * grid.Count;
        int shared = Math.Max(grid.AllRows / WantedBlocks, LeastPatches / grid.Columns);
        int most = grid.BlockRows(work.Input.Pitch + (work.PiecePanels * width));
        work.BlockRows = fewPatches ? grid.AllRows : Math.Clamp(shared, 1, most);
        int patches = (int)RowPanels.Length<T>(work.BlockRows * grid.Columns, 1);
        work.Inputs = new ElementMatrices(patches, work.Input.Pitch, work.Input.Pitch);
        work.Products = new ElementMatrices(patches, work.PiecePanels * width, width);
        if (fewPatches)
        {
            work.Filters = new ElementMatrices(Math.Min(DepthAtOnce, depth), work.PiecePanels * width, width);
            work.Inputs.First = scratch.Floats(work.Inputs.Length);
            threads.For(grid.AllRows, &TransformInput<T>, &work);
            threads.For((work.Panels + work.PiecePanels - 1) / work.PiecePanels, &Columns<T>, &work);
        }
        else
        {
            work.Filters = new ElementMatrices(depth, work.Filter.Columns, width);
            work.Filters.First = scratch.Floats(work.Filters.Length);
            threads.For(work.Panels, &TransformFilter<T>, &work);
            threads.For((grid.AllRows + work.BlockRows - 1) / work.BlockRows, &Block<T>, &work);
        }
    }

    private static void TransformFilter<T>(void* state, int panel)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        work.Filter.Transform<T>(panel, 0, work.Filter.Depth, work.Filters, panel);
    }

    private static void TransformInput<T>(void* state, int row)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        ChannelRows rows = work.Input;
        rows.Memory = Scratch.OfThread.Floats(rows.Length);
        InputPatches.Transform<T>(rows, work.Output.Grid, row, row + 1, work.Inputs, row * work.Output.Grid.Columns);
    }

    /// <summary>Some output channels of all patches, whose filters are transformed on the way.</summary>
    private static void Columns<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        PatchGrid grid = work.Output.Grid;
        int width = Tile.Width<T>(), depth = work.Filter.Depth;
        ElementMatrices products = work.Products, filters = work.Filters;
        nint lines = work.Output.LinesLength(work.PiecePanels * width);
        float* memory = Scratch.OfThread.Floats(lines + products.Length + filters.Length);
        products.First = memory + lines;
        filters.First = products.First + products.Length;
        int first = piece * work.PiecePanels, panels = Math.Min(work.PiecePanels, work.Panels - first);
        for (int begin = 0; begin < depth; begin += DepthAtOnce)
        {
            int count = Math.Min(DepthAtOnce, depth - begin);
            for (int panel = 0; panel < panels; panel++)
                work.Filter.Transform<T>(first + panel, begin, count, filters, panel);
            Products<T>(work.Inputs, begin, filters, 0, panels, count, products, grid.AllRows * grid.Columns, begin > 0);
        }

        work.Output.Transform<T>(0, grid.AllRows, first * width, products, memory);
    }

    /// <summary>All output channels of some patches, which are transformed on the way.</summary>
    private static void Block<T>(void* state, int block)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        PatchGrid grid = work.Output.Grid;
        int width = Tile.Width<T>(), first = block * work.BlockRows, end = Math.Min(first + work.BlockRows, grid.AllRows);
        ElementMatrices inputs = work.Inputs, products = work.Products;
        ChannelRows rows = work.Input;
        nint lines = Math.Max(work.Output.LinesLength(work.PiecePanels * width), Scratch.Round(rows.Length));
        rows.Memory = Scratch.OfThread.Floats(lines + inputs.Length + products.Length);
        inputs.First = rows.Memory + lines;
        products.First = inputs.First + inputs.Length;
        InputPatches.Transform<T>(rows, grid, first, end, inputs, 0);
        for (int panel = 0; panel < work.Filters.Panels; panel += work.PiecePanels)
        {
            int panels = Math.Min(work.PiecePanels, work.Filters.Panels - panel);
            Products<T>(inputs, 0, work.Filters, panel, panels, work.Filter.Depth, products, (end - first) * grid.Columns, false);
            work.Output.Transform<T>(first, end, panel * width, products, rows.Memory);
        }
    }

    private static void Products<T>(
        in ElementMatrices inputs, int channel, in ElementMatrices filters, int firstPanel, int panels, int depth,
        in ElementMatrices products, int patches, bool add)
        where T : struct, ILanes<T>
    {
        for (int element = 0; element < PatchGrid.Elements; element++)
        {
            float* left = inputs.Panel(element, 0) + channel;
            for (int panel = 0; panel < panels; panel++)
            {
                float* right = filters.Panel(element, firstPanel + panel);
                Product<T>(left, inputs.Width, right, depth, products.Panel(element, panel), patches, add);
            }
        }
    }

    /// <summary>One element of all patches times a panel of its filters.</summary>
    private static void Product<T>(float* inputs, nint pitch, float* filters, int depth, float* products, int patches, bool add)
        where T : struct, ILanes<T>
    {
        nint noOffset = 0;
        int width = Tile.Width<T>(), passes = (patches + Tile.Tallest<T>() - 1) / Tile.Tallest<T>();
        TileOperands operands = new()
        {
            LeftStep = 1, LeftGap = pitch - 1, RunOffsets = &noOffset, Runs = 1, AheadStep = (width + passes - 1) / passes,
        };
        int stretches = (depth + PanelMultiplier.DeepestStretch - 1) / PanelMultiplier.DeepestStretch;
        for (int stretch = 0; stretch < stretches; stretch++)
        {
            int begin = (int)((long)depth * stretch / stretches), end = (int)((long)depth * (stretch + 1) / stretches), height;
            operands.Depth = end - begin;
            operands.Right = filters + ((nint)begin * width);
            operands.Ahead = filters + ((nint)end * width);
            for (int patch = 0; patch < patches; patch += height)
            {
                height = RowPanels.Height<T>(patches - patch);
                operands.Left = inputs + (patch * pitch) + begin;
                Tile.Multiply<T>(height, operands, products + ((nint)patch * width), width, add || begin > 0);
                operands.Ahead += operands.AheadStep * operands.Depth;
            }
        }
    }

    private struct Work
    {
        public ChannelRows Input;
        public FilterPatches Filter;
        public OutputPatches Output;
        public ElementMatrices Inputs;
        public ElementMatrices Filters;
        public ElementMatrices Products;
        public int Panels;
        public int PiecePanels;
        public int BlockRows;
    }
}
