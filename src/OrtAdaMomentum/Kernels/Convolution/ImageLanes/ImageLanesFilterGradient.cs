using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>
/// The gradient of a convolution's filter for few channels: with images side by side each tap is a product of two runs of registers, whose
/// sums stay in registers over a block of windows. The sums of the blocks are added up in the end, in their order.
/// </summary>
internal static unsafe class ImageLanesFilterGradient
{
    /// <summary>Computes the gradient.</summary>
    /// <param name="arguments">Pointers and extents.</param>
    /// <param name="scratch">Memory for a gradient of each block.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width.</param>
    public static void Run(in ConvolutionFilterGradient.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth width) =>
        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);

    private static void Run<T>(in ConvolutionFilterGradient.Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = arguments.Shape;
        Work work = new() { Arguments = arguments, Length = (nint)shape.OutputChannels * shape.GroupInputs * shape.Taps };
        if (shape.Batch == 0 || shape.OutputPlane == 0)
        {
            new Span<float>(arguments.FilterGradient, (int)work.Length).Clear();
            return;
        }

        work.Rows = TapAxis.Forward(
            shape.KernelHeight, shape.StrideHeight, shape.DilationHeight, shape.PadTop, shape.InputHeight, shape.OutputHeight);
        work.Columns = TapAxis.Forward(
            shape.KernelWidth, shape.StrideWidth, shape.DilationWidth, shape.PadLeft, shape.InputWidth, shape.OutputWidth);
        work.Blocks = PlaneBlocks.Of(
            work.Rows, work.Columns, shape.InputChannels, shape.OutputChannels, T.Count, PlaneBlocks.GreatestLength);
        int pieces = (shape.Batch + T.Count - 1) / T.Count * work.Blocks.Count;
        work.Pieces = pieces;
        work.Gradients = pieces == 1 ? arguments.FilterGradient : scratch.Floats(pieces * work.Length);
        threads.For(pieces, &Piece<T>, &work);
        if (pieces > 1)
            AddPieces(work);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddPieces(in Work work)
    {
        float* result = work.Arguments.FilterGradient, gradient = work.Gradients;
        new Span<float>(gradient, (int)work.Length).CopyTo(new Span<float>(result, (int)work.Length));
        for (int piece = 1; piece < work.Pieces; piece++)
        {
            gradient += work.Length;
            for (nint index = 0; index < work.Length; index++)
                result[index] += gradient[index];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        ConvolutionShape shape = work.Arguments.Shape;
        PlaneBlocks blocks = work.Blocks;
        PlaneBlock block = blocks[piece % blocks.Count];
        int image = piece / blocks.Count * T.Count;
        LanePlanes input = new()
        {
            Channels = shape.InputChannels, Height = shape.InputHeight, Width = shape.InputWidth,
            Images = Math.Min(T.Count, shape.Batch - image), SideStride = blocks.SourceLength,
            ImageStride = (nint)shape.InputChannels * shape.InputPlane,
        };
        LanePlanes gradient = new()
        {
            Channels = shape.OutputChannels, Height = shape.OutputHeight, Width = shape.OutputWidth,
            Images = input.Images, SideStride = blocks.ResultLength,
            ImageStride = (nint)shape.OutputChannels * shape.OutputPlane,
        };
        nint sourceLength = Scratch.Round(shape.InputChannels * blocks.SourceLength);
        nint channelsLength = shape.OutputChannels * blocks.ResultLength;
        nint gradientLength = channelsLength + ((FilterTile.Rounded(shape.GroupOutputs) - shape.GroupOutputs) * blocks.ResultLength);
        input.Planes = work.Arguments.Input + (image * input.ImageStride);
        gradient.Planes = work.Arguments.OutputGradient + (image * gradient.ImageStride);
        input.Side = Scratch.OfThread.Floats(sourceLength + gradientLength + ImageTurn.MemoryLength<T>() + FilterTile.SumsLength<T>());
        gradient.Side = input.Side + sourceLength;
        input.Memory = gradient.Memory = gradient.Side + gradientLength;
        input.Gather<T>(block.FirstSourceRow, block.EndSourceRow, block.FirstSourceColumn, blocks.SourceColumns);

        // Channels that do not exist are computed too. What was left in the memory could be numbers that the processor is slow with.
        new Span<float>(gradient.Side + channelsLength, (int)(gradientLength - channelsLength)).Clear();
        gradient.Gather<T>(block.FirstRow, block.EndRow, block.FirstColumn, block.Columns);
        float* result = work.Gradients + (piece * work.Length);
        for (int group = 0; group < shape.Groups; group++)
        {
            for (int tap = 0; tap < shape.KernelHeight; tap++)
                RowOfTaps<T>(work, block, group, tap, input, gradient, result);
        }
    }

    /// <summary>The sums for a row of taps of all channels of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RowOfTaps<T>(
        in Work work, in PlaneBlock block, int group, int row, in LanePlanes input, in LanePlanes gradient, float* result)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = work.Arguments.Shape;
        nint* offsets = stackalloc nint[FilterTile.Widest];
        nint* places = stackalloc nint[FilterTile.Widest];
        float* sums = gradient.Memory + ImageTurn.MemoryLength<T>();
        int offset = work.Rows.Offset(0, row), stride = shape.StrideHeight;

        // Windows whose row of taps lies in the input.
        int first = Math.Max(block.FirstRow, (Math.Max(0, -offset) + stride - 1) / stride);
        int end = Math.Min(block.EndRow, shape.InputHeight <= offset ? 0 : ((shape.InputHeight - offset - 1) / stride) + 1);
        FilterTileOperands operands = new()
        {
            Offsets = offsets,
            GradientStride = gradient.SideStride,
            GradientLine = (nint)block.Columns * T.Count,
            SourceStep = shape.StrideWidth * T.Count,
            SourceLine = (nint)stride * work.Blocks.SourceColumns * T.Count,
            Places = block.Columns,
            Lines = Math.Max(0, end - first),
            Source = input.Side + (group * shape.GroupInputs * input.SideStride)
                + (((((nint)first * stride) + offset - block.FirstSourceRow) * work.Blocks.SourceColumns)
                    + ((nint)block.FirstColumn * shape.StrideWidth) - block.FirstSourceColumn) * T.Count,
        };
        nint filterLength = (nint)shape.GroupInputs * shape.Taps;
        int taps = shape.GroupInputs * shape.KernelWidth, height, width;
        for (int tap = 0; tap < taps; tap += width)
        {
            width = FilterTile.Width<T>(taps - tap);
            for (int index = 0; index < width; index++)
            {
                // Behind the last tap it is taken again, which changes nothing.
                (int channel, int column) = Math.DivRem(Math.Min(tap + index, taps - 1), shape.KernelWidth);
                offsets[index] = (channel * input.SideStride) + ((nint)work.Columns.Offset(0, column) * T.Count);
                places[index] = ((nint)channel * shape.Taps) + (row * shape.KernelWidth) + column;
            }

            for (int index = 0; index < shape.GroupOutputs; index += height)
            {
                height = FilterTile.Height(shape.GroupOutputs - index);
                nint output = (group * shape.GroupOutputs) + index;
                operands.Gradient = gradient.Side + (output * gradient.SideStride) + ((first - block.FirstRow) * operands.GradientLine);
                FilterTile.Add<T>(height, width, operands, sums);
                float* to = result + (output * filterLength), from = sums;
                for (int left = Math.Min(height, shape.GroupOutputs - index); left > 0; left--, to += filterLength, from += width)
                {
                    for (int column = 0; column < width; column++)
                        to[places[column]] = from[column];
                }
            }
        }
    }

    private struct Work
    {
        public ConvolutionFilterGradient.Arguments Arguments;
        public TapAxis Rows;
        public TapAxis Columns;
        public PlaneBlocks Blocks;
        public int Pieces;
        public nint Length;
        public float* Gradients;
    }
}
