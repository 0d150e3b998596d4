using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// The gradient of what a filter of one tap moves over, where the planes are small. The planes of a batch, joined, are the rows of one product,
/// and the filter, which is the larger operand, is read as it lies: a plane of nine elements alone would leave most of a tile empty.
/// </summary>
internal static unsafe class PointwiseInputGradient
{
    private const int SmallPlane = 16;
    private const int LargestPlane = 64;

    /// <summary>Whether a shape is one that this computes: there it is faster than the kernel for all shapes.</summary>
    public static bool Takes(in ConvolutionShape shape) => shape.IsPointwise && shape.Groups == 1 && shape.OutputPlane > 0
        && shape.OutputPlane <= (shape.InputChannels > shape.OutputChannels ? LargestPlane : SmallPlane);

    /// <summary>Computes the gradient.</summary>
    /// <param name="arguments">Pointers and extents, of a shape that it <see cref="Takes"/>.</param>
    /// <param name="scratch">Memory to work in: twice as many images as <see cref="ImageChunks"/> takes at once.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(in ConvolutionInputGradient.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null) =>
        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);

    private static void Run<T>(in ConvolutionInputGradient.Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = arguments.Shape;
        int plane = shape.OutputPlane, inputs = shape.InputChannels, outputs = shape.OutputChannels;
        if (shape.Batch == 0 || inputs == 0 || outputs == 0)
        {
            new Span<float>(arguments.InputGradient, shape.Batch * inputs * plane).Clear();
            return;
        }

        int chunk = ImageChunks.Images((nint)plane * (inputs + outputs), shape.Batch);
        nint joinedLength = Scratch.Round((nint)chunk * plane * outputs), panelsLength = RowPanels.Length<T>(chunk * plane, outputs);
        Work work = new() { Arguments = arguments, Joined = scratch.Floats(joinedLength + panelsLength + ((nint)chunk * plane * inputs)) };
        float* panels = work.Joined + joinedLength;
        work.Product = panels + panelsLength;
        nint noOffset = 0;
        for (work.FirstImage = 0; work.FirstImage < shape.Batch; work.FirstImage += chunk)
        {
            work.Images = Math.Min(chunk, shape.Batch - work.FirstImage);
            work.Channels = new Pieces(outputs, (nint)work.Images * plane);
            threads.For(work.Channels.Count, &Join<T>, &work);
            int rows = work.Images * plane;
            RowPanels.Pack<T>(
                new PackedRows
                {
                    From = work.Joined, RowStride = 1, ChannelStride = rows, TapOffsets = &noOffset, Groups = 1, Count = rows,
                    Channels = outputs, Taps = 1, To = panels,
                },
                threads);
            PanelMultiplier.Run<T>(
                new PanelProduct
                {
                    Rows = panels, Groups = 1, RowCount = rows, Channels = outputs, Taps = 1, TapOffsets = &noOffset,
                    Source = arguments.Filter, SourceChannelStride = inputs, SourceColumnStride = 1, Images = 1, GridHeight = 1,
                    GridWidth = inputs, Result = work.Product, ResultRowStride = inputs,
                },
                threads);
            threads.For(work.Images, &Part, &work);
        }
    }

    /// <summary>Copies the planes of some channels, image behind image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Join<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Work work = *(Work*)state;
        int plane = work.Arguments.Shape.OutputPlane, channels = work.Arguments.Shape.OutputChannels;
        var (channel, end) = work.Channels[piece];
        float* to = work.Joined + (channel * work.Images * plane);
        for (; channel < end; channel++)
        {
            float* from = work.Arguments.OutputGradient + ((((nint)work.FirstImage * channels) + channel) * plane);
            for (int image = 0; image < work.Images; image++, from += (nint)channels * plane, to += plane)
                ColumnPanel.Copy<T>(from, to, plane);
        }
    }

    /// <summary>Takes the rows of an image to its planes.</summary>
    private static void Part(void* state, int image)
    {
        Work work = *(Work*)state;
        int plane = work.Arguments.Shape.OutputPlane, channels = work.Arguments.Shape.InputChannels;
        MatrixTranspose.Run(
            work.Product + ((nint)image * plane * channels), channels, plane, channels,
            work.Arguments.InputGradient + ((nint)(work.FirstImage + image) * channels * plane), plane);
    }

    private struct Work
    {
        public ConvolutionInputGradient.Arguments Arguments;
        public float* Joined;
        public float* Product;
        public int FirstImage;
        public int Images;
        public Pieces Channels;
    }
}
