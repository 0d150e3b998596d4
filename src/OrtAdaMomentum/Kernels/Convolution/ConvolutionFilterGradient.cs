using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Convolution.ImageLanes;
using OrtAdaMomentum.Kernels.Convolution.Winograd;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// The gradient of a convolution's filter. With the channels of input and output gradient lying side by side, a block of it is a tile that
/// stays in registers while the windows pass by: no window is ever copied. The blocks are shared out among the threads, each with all
/// windows, so nothing is left to add up.
/// </summary>
internal static unsafe class ConvolutionFilterGradient
{
    private const int WindowsPerStretch = 256;
    private const int PanelsPerPiece = 4;
    private const int ChannelsAtOnce = 16;

    /// <summary>Pointers and extents.</summary>
    internal struct Arguments
    {
        public ConvolutionShape Shape;
        public float* Input;
        public float* OutputGradient;
        public float* FilterGradient;
    }

    /// <summary>Whether this is faster than the ordinary nodes: all but small groups.</summary>
    public static bool Wins(in ConvolutionShape shape) =>
        DepthwiseConvolution.Takes(shape) || shape.Groups == 1 || shape.GroupInputs >= ConvolutionShape.FewChannels;

    /// <summary>
    /// Computes the gradient, with <see cref="DepthwiseFilterGradient"/>, <see cref="WinogradFilterGradient"/> or <see cref="FewChannels"/>
    /// where that is faster.
    /// </summary>
    /// <param name="arguments">Pointers and extents.</param>
    /// <param name="scratch">Memory to work in: the gradient, and as many images as <see cref="ImageChunks"/> takes at once.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(in Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null)
    {
        if (DepthwiseConvolution.Takes(arguments.Shape))
        {
            DepthwiseFilterGradient.Run(arguments, scratch, threads, width);
            return;
        }

        if (PointwiseFilterGradient.Takes(arguments.Shape))
        {
            PointwiseFilterGradient.Run(arguments, scratch, threads, width);
            return;
        }

        if (WinogradFilterGradient.Takes(arguments.Shape))
        {
            WinogradFilterGradient.Run(arguments, scratch, threads, width);
            return;
        }

        if (FewChannels.TakesFilter(arguments.Shape))
        {
            FewChannels.FilterGradient(arguments, scratch, threads, width);
            return;
        }

        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);
    }

    private static void Run<T>(in Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = arguments.Shape;
        nint filterLength = (nint)shape.OutputChannels * shape.GroupInputs * shape.Taps;
        if (filterLength == 0)
            return;
        if (shape.Batch == 0 || shape.OutputPlane == 0)
        {
            new Span<float>(arguments.FilterGradient, (int)filterLength).Clear();
            return;
        }

        // Windows of one element that move by one element see each plane as one row.
        if (shape.IsPointwise)
            (shape.InputWidth, shape.InputHeight) = (shape.InputPlane, 1);

        // Without dilation the taps of a row lie side by side, and so do their channels: one run for each row of taps.
        bool rowRuns = shape.DilationWidth == 1;
        Work work = new() { Arguments = arguments, RowRuns = rowRuns };
        work.Arguments.Shape = shape;
        work.Runs = rowRuns ? shape.KernelHeight : shape.Taps;
        work.RunRows = rowRuns ? shape.KernelWidth * shape.GroupInputs : shape.GroupInputs;
        work.PanelRows = (int)RowPanels.Length<T>(work.RunRows, 1);
        work.Height = ((shape.OutputHeight - 1) * shape.StrideHeight) + ((shape.KernelHeight - 1) * shape.DilationHeight) + 1;
        work.Width = ((shape.OutputWidth - 1) * shape.StrideWidth) + ((shape.KernelWidth - 1) * shape.DilationWidth) + 1;
        work.ColumnPanels = (shape.GroupOutputs + Tile.Width<T>() - 1) / Tile.Width<T>();
        work.RowBlocks = (work.RunRows + (PanelsPerPiece * Tile.Tallest<T>()) - 1) / (PanelsPerPiece * Tile.Tallest<T>());
        nint inputLength = (nint)work.Height * work.Width * shape.InputChannels;
        nint gradientLength = (nint)shape.OutputPlane * work.ColumnPanels * Tile.Width<T>() * shape.Groups;
        work.Chunk = ImageChunks.Images(inputLength + gradientLength, shape.Batch);

        nint offsetsLength = Scratch.Round(2 * work.Chunk * shape.OutputHeight);
        nint slack = Scratch.Round(Tile.Tallest<T>()), inputs = Scratch.Round(work.Chunk * inputLength) + slack;
        nint sums = (nint)shape.Groups * work.Runs * work.ColumnPanels * work.PanelRows * Tile.Width<T>();
        float* memory = scratch.Floats(offsetsLength + inputs + (work.Chunk * gradientLength) + sums);
        work.Offsets = (nint*)memory;
        work.Inputs = memory + offsetsLength;
        work.Gradients = work.Inputs + inputs;
        work.Sums = work.Gradients + (work.Chunk * gradientLength);
        new Span<float>(work.Inputs + inputs - slack - 16, (int)slack + 16).Clear();
        for (int row = 0; row < work.Chunk * shape.OutputHeight; row++)
        {
            int line = (row / shape.OutputHeight * work.Height) + (row % shape.OutputHeight * shape.StrideHeight);
            work.Offsets[row] = (nint)line * work.Width * shape.GroupInputs;
        }

        for (work.FirstImage = 0; work.FirstImage < shape.Batch; work.FirstImage += work.Chunk)
        {
            work.Images = Math.Min(work.Chunk, shape.Batch - work.FirstImage);
            threads.For(work.Images * shape.Groups, &Turn<T>, &work);
            threads.For(shape.Groups * work.Runs * work.ColumnPanels * work.RowBlocks, &Multiply<T>, &work);
        }

        threads.For(shape.Groups * work.ColumnPanels, &Finish<T>, &work);
    }

    /// <summary>Lays the channels of an image and group side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        ConvolutionShape shape = work.Arguments.Shape;
        int image = piece / shape.Groups, group = piece % shape.Groups, channels = shape.GroupInputs;
        nint index = work.FirstImage + image;
        float* from = work.Arguments.Input + (((index * shape.InputChannels) + (group * channels)) * shape.InputPlane);
        nint line = (nint)work.Width * channels;
        float* to = work.Inputs + ((((nint)group * work.Chunk) + image) * work.Height * line);
        int left = Math.Min(shape.PadLeft, work.Width), inside = Math.Clamp(work.Width - left, 0, shape.InputWidth);
        for (int row = 0; row < work.Height; row++, to += line)
        {
            int source = row - shape.PadTop;
            if (source < 0 || source >= shape.InputHeight)
            {
                new Span<float>(to, (int)line).Clear();
                continue;
            }

            new Span<float>(to, left * channels).Clear();
            MatrixTranspose.Run(
                from + ((nint)source * shape.InputWidth), shape.InputPlane, channels, inside, to + ((nint)left * channels), channels);
            int right = work.Width - left - inside;
            new Span<float>(to + ((nint)(left + inside) * channels), right * channels).Clear();
        }

        int width = Tile.Width<T>();
        float* gradient = work.Arguments.OutputGradient
            + (((index * shape.OutputChannels) + (group * shape.GroupOutputs)) * shape.OutputPlane);
        for (int panel = 0; panel < work.ColumnPanels; panel++)
        {
            int first = panel * width, count = Math.Min(width, shape.GroupOutputs - first);
            float* turned = work.GradientPanel(group, panel, width) + ((nint)image * shape.OutputPlane * width);
            if (count < width)
                new Span<float>(turned, shape.OutputPlane * width).Clear();
            MatrixTranspose.Run(
                gradient + ((nint)first * shape.OutputPlane), shape.OutputPlane, count, shape.OutputPlane, turned, width);
        }
    }

    private static void Multiply<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        ConvolutionShape shape = work.Arguments.Shape;
        int block = piece % work.RowBlocks, panel = piece / work.RowBlocks % work.ColumnPanels;
        int run = piece / work.RowBlocks / work.ColumnPanels % work.Runs, group = piece / work.RowBlocks / work.ColumnPanels / work.Runs;
        int width = Tile.Width<T>(), blockRows = PanelsPerPiece * Tile.Tallest<T>();
        int lines = work.Images * shape.OutputHeight, linesPerStretch = Math.Max(1, WindowsPerStretch / shape.OutputWidth);
        float* inputs = work.Inputs + ((nint)group * work.Chunk * work.Height * work.Width * shape.GroupInputs) + work.RunOffset(run);
        float* gradients = work.GradientPanel(group, panel, width);
        float* sums = work.Sum(group, run, panel, width);
        for (int line = 0; line < lines; line += linesPerStretch)
        {
            TileOperands operands = new()
            {
                LeftStep = (nint)shape.StrideWidth * shape.GroupInputs, RunOffsets = work.Offsets + line,
                Runs = Math.Min(linesPerStretch, lines - line), Depth = shape.OutputWidth,
                Right = gradients + ((nint)line * shape.OutputWidth * width),
            };
            int height;
            for (int row = 0; row < Math.Min((block + 1) * blockRows, work.RunRows); row += height)
            {
                height = RowPanels.Height<T>(work.RunRows - row);
                if (row < block * blockRows)
                    continue;
                operands.Left = inputs + row;
                Tile.Multiply<T>(height, operands, sums + ((nint)row * width), width, line > 0 || work.FirstImage > 0);
            }
        }
    }

    /// <summary>Turns the sums of a group and panel of output channels into the order of the filter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        ref Work work = ref *(Work*)state;
        ConvolutionShape shape = work.Arguments.Shape;
        int group = piece / work.ColumnPanels, panel = piece % work.ColumnPanels, width = Tile.Width<T>();
        int count = Math.Min(width, shape.GroupOutputs - (panel * width)), taps = shape.Taps;
        nint depth = (nint)shape.GroupInputs * taps;
        float* first = work.Arguments.FilterGradient + (((nint)group * shape.GroupOutputs) + (panel * width)) * depth;
        if (taps == 1)
        {
            MatrixTranspose.Run(work.Sum(group, 0, panel, width), width, shape.GroupInputs, count, first, depth);
            return;
        }

        float* sorted = Scratch.OfThread.Floats((nint)ChannelsAtOnce * taps * width);
        for (int channel = 0; channel < shape.GroupInputs; channel += ChannelsAtOnce)
        {
            int channels = Math.Min(ChannelsAtOnce, shape.GroupInputs - channel);
            for (int line = 0; line < channels * taps; line++)
            {
                int tap = line % taps, run = work.RowRuns ? tap / shape.KernelWidth : tap;
                int row = (work.RowRuns ? tap % shape.KernelWidth * shape.GroupInputs : 0) + channel + (line / taps);
                ColumnPanel.Copy<T>(work.Sum(group, run, panel, width) + ((nint)row * width), sorted + ((nint)line * width), width);
            }

            MatrixTranspose.RunApart(sorted, width, channels * taps, count, first + ((nint)channel * taps), depth);
        }
    }

    private struct Work
    {
        public Arguments Arguments;
        public bool RowRuns;
        public int Runs;
        public int RunRows;
        public int PanelRows;
        public int RowBlocks;
        public int ColumnPanels;
        public int Height;
        public int Width;
        public int Chunk;
        public int FirstImage;
        public int Images;
        public nint* Offsets;
        public float* Inputs;
        public float* Gradients;
        public float* Sums;

        public readonly float* GradientPanel(int group, int panel, int width) =>
            Gradients + ((((nint)group * ColumnPanels) + panel) * Chunk * Arguments.Shape.OutputPlane * width);

        public readonly float* Sum(int group, int run, int panel, int width) =>
            Sums + (((((nint)group * Runs) + run) * ColumnPanels) + panel) * PanelRows * width;

        public readonly nint RunOffset(int run)
        {
            ConvolutionShape shape = Arguments.Shape;
            int row = (RowRuns ? run : run / shape.KernelWidth) * shape.DilationHeight;
            int column = RowRuns ? 0 : run % shape.KernelWidth * shape.DilationWidth;
            return (((nint)row * Width) + column) * shape.GroupInputs;
        }
    }
}
