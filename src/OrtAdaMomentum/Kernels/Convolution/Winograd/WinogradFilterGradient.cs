using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>
/// The gradient of a filter of 3x3 taps by the adjoint of <see cref="WinogradConvolution"/>: what patches give is added up as elements of
/// transformed filters, 16 multiplications for 2x2 outputs instead of 36, and transformed back once.
/// </summary>
internal static unsafe class WinogradFilterGradient
{
    // Partial sums: enough for threads to share, few enough to stay near, each of so many patches that it is worth adding it up again.
    private const int LeastSums = 4;
    private const int MostSums = 16;
    private const int MostSumElements = 5 * 256 * 1024;
    private const int LeastPatches = 96;

    // Where the sums are larger, so many elements of patches are transformed before they are multiplied.
    private const int ChunkElements = 2 * 1024 * 1024;
    private const int TransformPieces = 16;

    // Panels of input channels of a piece: its sums stay in the second cache until they are transformed back.
    private const int MostPanels = 4;
    private const int WantedPieces = 8;

    /// <summary>Whether a shape is one that this computes: there it is faster than the kernel for all shapes.</summary>
    public static bool Takes(in ConvolutionShape shape) =>
        WinogradConvolution.Takes(shape) && Math.Min(shape.InputChannels, shape.OutputChannels) >= 2 * ConvolutionShape.FewChannels;

    /// <summary>Computes the gradient.</summary>
    /// <param name="arguments">
    /// Pointers and extents: 3x3 taps side by side that move by one element, one group, less padding above and on the left than taps.
    /// </param>
    /// <param name="scratch">Memory to work in: partial sums, or as many transformed patches as are taken at once.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(
        in ConvolutionFilterGradient.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null)
    {
        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);
    }

    private static void Run<T>(in ConvolutionFilterGradient.Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = arguments.Shape;
        PatchGrid grid = new(shape.Batch, shape.OutputHeight, shape.OutputWidth);
        nint filterLength = (nint)shape.OutputChannels * shape.InputChannels * FilterPatches.Taps;
        if (grid.Count == 0 || filterLength == 0)
        {
            new Span<float>(arguments.FilterGradient, (int)filterLength).Clear();
            return;
        }

        int width = Tile.Width<T>();
        Work work = new()
        {
            Grid = grid,
            Input = new ChannelRows
            {
                Planes = arguments.Input, Channels = shape.InputChannels, Height = shape.InputHeight, Width = shape.InputWidth,
                Top = shape.PadTop, Left = shape.PadLeft, Columns = grid.InputColumns, Kept = PatchGrid.Inputs,
                Pitch = (shape.InputChannels + width - 1) / width * width,
            },
            Gradient = new ChannelRows
            {
                Planes = arguments.OutputGradient, Channels = shape.OutputChannels, Height = shape.OutputHeight, Width = shape.OutputWidth,
                Columns = grid.Columns * PatchGrid.Outputs, Kept = PatchGrid.Outputs,
                Pitch = (shape.OutputChannels + width - 1) / width * width,
            },
            Result = new FilterGradientPatches
            {
                Gradient = arguments.FilterGradient, Columns = shape.OutputChannels, Depth = shape.InputChannels,
            },
        };
        work.Sums = new ElementMatrices(work.Input.Pitch, work.Gradient.Pitch, width);
        long sums = Math.Min(MostSumElements / work.Sums.Length, grid.Count / LeastPatches);
        work.Result.Sums = (int)Math.Min(sums, Math.Min(MostSums, grid.AllRows));
        if (work.Result.Sums >= LeastSums)
            ShareBlocks<T>(ref work, scratch, threads);
        else
            ShareChannels<T>(ref work, scratch, threads);
    }

    /// <summary>Each thread takes blocks of patches and adds up all channels: the sums are small enough for that.</summary>
    private static void ShareBlocks<T>(ref Work work, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        fixed (Work* state = &work)
        {
            int most = (work.Grid.AllRows / work.Result.Sums) + 1;
            work.BlockRows = Math.Min(work.Grid.BlockRows(work.Input.Pitch + work.Gradient.Pitch), most);
            work.Lay(work.BlockRows * work.Grid.Columns, Tile.Width<T>());
            work.Sums.First = scratch.Floats(work.Result.Sums * work.Sums.Length);
            threads.For(work.Result.Sums, &AddBlocks<T>, state);
            threads.For(work.Sums.Panels, &Finish<T>, state);
        }
    }

    private static void AddBlocks<T>(void* state, int sum)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        ElementMatrices inputs = work.Inputs, gradients = work.Gradients, sums = work.Sums;
        float* memory = Scratch.OfThread.Floats(work.LinesLength + inputs.Length + gradients.Length);
        inputs.First = memory + work.LinesLength;
        gradients.First = inputs.First + inputs.Length;
        sums.First += sum * sums.Length;
        int begin = (int)((long)work.Grid.AllRows * sum / work.Result.Sums);
        int end = (int)((long)work.Grid.AllRows * (sum + 1) / work.Result.Sums);
        for (int first = begin; first < end; first += work.BlockRows)
        {
            int last = Math.Min(first + work.BlockRows, end);
            work.Transform<T>(first, last, memory, inputs, gradients, 0);
            for (int element = 0; element < PatchGrid.Elements; element++)
            {
                for (int panel = 0; panel < gradients.Panels; panel++)
                {
                    Product<T>(
                        inputs, 0, work.Input.Channels, element, gradients.Panel(element, panel), (last - first) * work.Grid.Columns,
                        sums.Panel(element, panel), first > begin);
                }
            }
        }
    }

    private static void Finish<T>(void* state, int panel)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        work.Result.Transform<T>(panel, 0, work.Input.Channels, work.Sums, panel);
    }

    /// <summary>Each thread takes channels and adds up all patches, in a few chunks when there are many.</summary>
    private static void ShareChannels<T>(ref Work work, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        int width = Tile.Width<T>(), allRows = work.Grid.AllRows;
        int chunk = ChunkElements / (PatchGrid.Elements * (work.Input.Pitch + work.Gradient.Pitch)) / work.Grid.Columns;
        chunk = Math.Clamp(chunk, 1, allRows);
        work.Lay(chunk * work.Grid.Columns, width);
        work.Result.Sums = 1;
        work.PiecePanels = Math.Clamp(work.Inputs.Panels * work.Gradients.Panels / WantedPieces, 1, MostPanels);
        work.Sums = new ElementMatrices(work.PiecePanels * width, width, width);
        work.InputPieces = (work.Inputs.Panels + work.PiecePanels - 1) / work.PiecePanels;
        int pieces = work.Gradients.Panels * work.InputPieces;
        work.Inputs.First = scratch.Floats(work.Inputs.Length + work.Gradients.Length + (chunk < allRows ? pieces * work.Sums.Length : 0));
        work.Gradients.First = work.Inputs.First + work.Inputs.Length;
        work.Sums.First = chunk < allRows ? work.Gradients.First + work.Gradients.Length : null;
        fixed (Work* state = &work)
        {
            for (work.First = 0; work.First < allRows; work.First = work.End)
            {
                work.End = Math.Min(work.First + chunk, allRows);
                threads.For(TransformPieces, &TransformRows<T>, state);
                threads.For(pieces, &AddPatches<T>, state);
            }
        }
    }

    private static void TransformRows<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        int rows = work.End - work.First, begin = rows * piece / TransformPieces, end = rows * (piece + 1) / TransformPieces;
        if (begin < end)
        {
            work.Transform<T>(
                work.First + begin, work.First + end, Scratch.OfThread.Floats(work.LinesLength), work.Inputs, work.Gradients,
                begin * work.Grid.Columns);
        }
    }

    private static void AddPatches<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        int panel = piece / work.InputPieces, first = piece % work.InputPieces * work.PiecePanels, begin = first * work.Inputs.Width;
        int channels = Math.Min(work.PiecePanels * work.Inputs.Width, work.Input.Channels - begin);
        ElementMatrices sums = work.Sums;
        sums.First = sums.First == null ? Scratch.OfThread.Floats(sums.Length) : sums.First + (piece * sums.Length);
        for (int element = 0; element < PatchGrid.Elements; element++)
        {
            Product<T>(
                work.Inputs, first, channels, element, work.Gradients.Panel(element, panel), (work.End - work.First) * work.Grid.Columns,
                sums.Panel(element, 0), work.First > 0);
        }

        if (work.End == work.Grid.AllRows)
            work.Result.Transform<T>(panel, begin, channels, sums, 0);
    }

    /// <summary>Adds what some patches give for some panels of input channels and one panel of output channels.</summary>
    private static void Product<T>(
        in ElementMatrices inputs, int firstPanel, int channels, int element, float* gradients, int patches, float* sums, bool add)
        where T : struct, ILanes<T>
    {
        nint noOffset = 0;
        int width = Tile.Width<T>(), height;
        TileOperands operands = new() { LeftStep = width, RunOffsets = &noOffset, Runs = 1, AheadStep = (width + 2) / 3 };
        for (int patch = 0; patch < patches; patch += PanelMultiplier.DeepestStretch)
        {
            operands.Depth = Math.Min(PanelMultiplier.DeepestStretch, patches - patch);
            operands.Right = gradients + ((nint)patch * width);
            float* left = inputs.Panel(element, firstPanel) + ((nint)patch * width), result = sums;
            for (int channel = 0; channel < channels; channel += width, left += inputs.PanelLength)
            {
                int rows = Math.Min(width, channels - channel);
                operands.Ahead = left + inputs.PanelLength;
                for (int row = 0; row < rows; row += height, result += height * width)
                {
                    height = RowPanels.Height<T>(rows - row);
                    operands.Left = left + row;
                    Tile.Multiply<T>(height, operands, result, width, add || patch > 0);
                    operands.Ahead += operands.Depth * operands.AheadStep;
                }
            }
        }
    }

    private struct Work
    {
        public PatchGrid Grid;
        public ChannelRows Input;
        public ChannelRows Gradient;
        public FilterGradientPatches Result;
        public ElementMatrices Inputs;
        public ElementMatrices Gradients;
        public ElementMatrices Sums;
        public int BlockRows;
        public int First;
        public int End;
        public int PiecePanels;
        public int InputPieces;

        /// <summary>Floats that the rows take of which patches are made.</summary>
        public readonly nint LinesLength => Scratch.Round(Math.Max(Input.Length, Gradient.Length));

        /// <summary>Sets the extents of the matrices of patches.</summary>
        public void Lay(int patches, int width)
        {
            Inputs = new ElementMatrices(patches, Input.Pitch, width);
            Gradients = new ElementMatrices(patches, Gradient.Pitch, width);
        }

        /// <summary>Transforms rows of patches of both.</summary>
        public readonly void Transform<T>(
            int first, int end, float* lines, in ElementMatrices inputs, in ElementMatrices gradients, int patch)
            where T : struct, ILanes<T>
        {
            ChannelRows rows = Input;
            rows.Memory = lines;
            InputPatches.Transform<T>(rows, Grid, first, end, inputs, patch);
            rows = Gradient;
            rows.Memory = lines;
            GradientPatches.Transform<T>(rows, Grid, first, end, gradients, patch);
        }
    }
}
