using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>
/// Convolution, and the gradient of what it moves over, for few channels: with images side by side a tile of channels and places stays in
/// registers while all taps pass by, and no window is copied. Blocks of images and of results are pieces of their own.
/// </summary>
internal static unsafe class ImageLanesConvolution
{
    /// <summary>Computes the results.</summary>
    /// <param name="arguments">Pointers and extents.</param>
    /// <param name="scratch">Memory for the filter.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width.</param>
    public static void Run(in Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth width) =>
        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);

    private static void Run<T>(in Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        if (arguments.Batch == 0 || arguments.Rows.Results == 0 || arguments.Columns.Results == 0)
            return;
        var blocks = PlaneBlocks.Of(
            arguments.Rows, arguments.Columns, arguments.Groups * arguments.SourceChannels,
            arguments.Groups * ChannelTile.Rounded<T>(arguments.ResultChannels), T.Count, PlaneBlocks.SmallLength);
        Work work = new() { Arguments = arguments, Blocks = blocks, Filter = TapFilter.Pack<T>(arguments, blocks, scratch) };
        threads.For((arguments.Batch + T.Count - 1) / T.Count * blocks.Count, &Piece<T>, &work);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        Arguments all = work.Arguments;
        PlaneBlocks blocks = work.Blocks;
        PlaneBlock block = blocks[piece % blocks.Count];
        int image = piece / blocks.Count * T.Count;
        LanePlanes source = new()
        {
            Channels = all.Groups * all.SourceChannels, Height = all.Rows.Sources, Width = all.Columns.Sources,
            Images = Math.Min(T.Count, all.Batch - image), SideStride = blocks.SourceLength,
        };
        source.ImageStride = (nint)source.Channels * source.Height * source.Width;
        source.Planes = all.Source + (image * source.ImageStride);
        LanePlanes result = new()
        {
            Channels = all.ResultChannels, Height = all.Rows.Results, Width = all.Columns.Results,
            Images = source.Images, SideStride = blocks.ResultLength,
        };
        nint groupLength = (nint)result.Channels * result.Height * result.Width;
        result.ImageStride = all.Groups * groupLength;
        nint sourceLength = Scratch.Round((source.Channels * blocks.SourceLength) + blocks.SourceSlack);
        nint resultLength = work.Filter.Channels * blocks.ResultLength;
        float* memory = Scratch.OfThread.Floats(
            sourceLength + (all.Groups * resultLength) + (T.Count * T.Count) + ImageTurn.MemoryLength<T>());
        source.Side = memory;
        source.Memory = result.Memory = memory + sourceLength + (all.Groups * resultLength) + (T.Count * T.Count);

        // A place that only fills a pair may lie behind the source. What was left there could be numbers that the processor is slow with.
        new Span<float>(memory + (source.Channels * source.SideStride), (int)blocks.SourceSlack).Clear();
        source.Gather<T>(block.FirstSourceRow, block.EndSourceRow, block.FirstSourceColumn, blocks.SourceColumns);
        for (int group = 0; group < all.Groups; group++)
        {
            result.Side = memory + sourceLength + (group * resultLength);
            result.Planes = all.Result + (image * result.ImageStride) + (group * groupLength);
            for (int row = block.FirstRow; row < block.EndRow; row++)
                Row<T>(work, block, row, group, source, result);
            result.Scatter<T>(block);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(in Work work, in PlaneBlock block, int row, int group, in LanePlanes source, in LanePlanes result)
        where T : struct, ILanes<T>
    {
        TapAxis rows = work.Arguments.Rows, columns = work.Arguments.Columns;
        int sourceColumns = work.Blocks.SourceColumns, rowPhase = row % rows.Phases;
        var rowsOfTaps = work.Filter.RowsOf(row);
        nint sourceRow = (row / rows.Phases * rows.SourceStep) - block.FirstSourceRow;
        float* from = source.Side + (group * work.Arguments.SourceChannels * source.SideStride) + (sourceRow * sourceColumns * T.Count);
        float* to = result.Side + ((nint)(row - block.FirstRow) * block.Columns * T.Count);
        for (int phase = 0; phase < columns.Phases; phase++)
        {
            int first = columns.PlacesBefore(phase, block.FirstColumn), end = columns.PlacesBefore(phase, block.EndColumn);
            int height;
            for (int channel = 0; channel < work.Arguments.ResultChannels; channel += height)
            {
                height = ChannelTile.Height<T>(work.Arguments.ResultChannels - channel);
                var operands = work.Filter.Operands(rowPhase, phase, rowsOfTaps, group, channel, height);
                operands.SourceNext = columns.SourceStep * T.Count;
                operands.ResultNext = columns.Phases * T.Count;
                operands.ResultStride = result.SideStride;
                operands.Pairs = (end - first + 1) / 2;
                operands.Source = from + ((((nint)first * columns.SourceStep) - block.FirstSourceColumn) * T.Count);
                operands.Result = to + (channel * result.SideStride)
                    + ((((nint)first * columns.Phases) + phase - block.FirstColumn) * T.Count);
                ChannelTile.Add<T>(height, operands);
            }
        }
    }

    /// <summary>Pointers and extents.</summary>
    internal struct Arguments
    {
        public TapAxis Rows;
        public TapAxis Columns;
        public int Batch;
        public int Groups;

        /// <summary>Channels of a group that are read.</summary>
        public int SourceChannels;

        /// <summary>Channels of a group that are computed.</summary>
        public int ResultChannels;

        /// <summary>[batch, groups, source channels, rows, columns].</summary>
        public float* Source;

        public float* Filter;

        /// <summary>Floats of the filter from a source channel to the next.</summary>
        public nint FilterSourceStride;

        /// <summary>Floats of the filter from a result channel to the next.</summary>
        public nint FilterResultStride;

        /// <summary>A number for each result channel of each group, or null.</summary>
        public float* Bias;

        /// <summary>[batch, groups, result channels, rows, columns].</summary>
        public float* Result;
    }

    private struct Work
    {
        public Arguments Arguments;
        public PlaneBlocks Blocks;
        public TapFilter Filter;
    }
}
