using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// The gradient of a filter of one tap over large planes. Each element of it is the product of two rows, which lie in memory as they are needed:
/// four by four are summed at once in registers, and nothing has to be turned.
/// </summary>
internal static unsafe class PointwiseFilterGradient
{
    private const int Block = 4;
    private const int BlockSums = Block * Block;

    /// <summary>Elements of planes that pass by before the next ones do: few enough to stay near.</summary>
    private const int Stretch = 512;

    private const int LeastPlane = 256;
    private const int MostElements = 16 * 1024;
    private const int MostPieces = 8;

    /// <summary>Whether a shape is one that this computes: there it is faster than the kernel for all shapes.</summary>
    public static bool Takes(in ConvolutionShape shape) =>
        shape.IsPointwise && shape.Groups == 1 && shape.OutputPlane >= LeastPlane
        && (long)shape.InputChannels * shape.OutputChannels <= MostElements;

    /// <summary>Computes the gradient.</summary>
    /// <param name="arguments">Pointers and extents, of a shape that it <see cref="Takes"/>.</param>
    /// <param name="scratch">Memory to work in: a register for each element of the filter.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(in ConvolutionFilterGradient.Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null) =>
        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);

    private static void Run<T>(in ConvolutionFilterGradient.Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        ConvolutionShape shape = arguments.Shape;
        Operand inputs = new(arguments.Input, shape.InputChannels, 1);
        Operand outputs = new(arguments.OutputGradient, shape.OutputChannels, shape.InputChannels);
        bool moreInputs = shape.InputChannels > shape.OutputChannels;
        Work work = new()
        {
            // The pieces share out the rows of one operand, and each reads the other: best the smaller one.
            Shared = moreInputs ? inputs : outputs, Whole = moreInputs ? outputs : inputs,
            Batch = shape.Batch, Plane = shape.OutputPlane, Result = arguments.FilterGradient,
        };
        work.Sums = scratch.Floats((nint)work.Shared.Blocks * work.Whole.Blocks * BlockSums * T.Count);
        work.Pieces = new Pieces(work.Shared.Blocks, (nint)Block * shape.Batch * shape.OutputPlane, MostPieces);
        threads.For(work.Pieces.Count, &Piece<T>, &work);
    }

    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Work work = *(Work*)state;
        var (from, to) = work.Pieces[piece];
        nint length = (nint)work.Whole.Blocks * BlockSums * T.Count;
        new Span<float>(work.Sums + (from * length), (int)((to - from) * length)).Clear();
        for (int image = 0; image < work.Batch; image++)
        {
            for (int place = 0; place < work.Plane; place += Stretch)
            {
                int count = Math.Min(Stretch, work.Plane - place);
                for (nint block = from; block < to; block++)
                {
                    float* sums = work.Sums + (block * length);
                    Rows left = work.Shared.Rows(image, (int)block, work.Plane, place);
                    for (int other = 0; other < work.Whole.Blocks; other++, sums += BlockSums * T.Count)
                        Add<T>(left, work.Whole.Rows(image, other, work.Plane, place), count, sums);
                }
            }
        }

        for (nint block = from; block < to; block++)
        {
            for (int other = 0; other < work.Whole.Blocks; other++)
                Finish<T>(work, (int)block, other, work.Sums + (block * length) + ((nint)other * BlockSums * T.Count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<T>(in Rows left, in Rows right, int count, float* sums)
        where T : struct, ILanes<T>
    {
        Four<T> first = default, second = default, third = default, fourth = default;
        int index = 0;
        for (; index <= count - T.Count; index += T.Count)
        {
            Four<T> factors = new(
                T.Load(right.First + index), T.Load(right.Second + index), T.Load(right.Third + index), T.Load(right.Fourth + index));
            first = first.Add(T.Load(left.First + index), factors);
            second = second.Add(T.Load(left.Second + index), factors);
            third = third.Add(T.Load(left.Third + index), factors);
            fourth = fourth.Add(T.Load(left.Fourth + index), factors);
        }

        int rest = count - index;
        if (rest > 0)
        {
            Four<T> factors = new(
                T.LoadFirst(right.First + index, rest), T.LoadFirst(right.Second + index, rest),
                T.LoadFirst(right.Third + index, rest), T.LoadFirst(right.Fourth + index, rest));
            first = first.Add(T.LoadFirst(left.First + index, rest), factors);
            second = second.Add(T.LoadFirst(left.Second + index, rest), factors);
            third = third.Add(T.LoadFirst(left.Third + index, rest), factors);
            fourth = fourth.Add(T.LoadFirst(left.Fourth + index, rest), factors);
        }

        first.AddTo(sums);
        second.AddTo(sums + (Block * T.Count));
        third.AddTo(sums + (2 * Block * T.Count));
        fourth.AddTo(sums + (3 * Block * T.Count));
    }

    private static void Finish<T>(in Work work, int block, int other, float* sums)
        where T : struct, ILanes<T>
    {
        for (int row = block * Block; row < Math.Min((block + 1) * Block, work.Shared.Count); row++)
        {
            for (int column = other * Block; column < Math.Min((other + 1) * Block, work.Whole.Count); column++)
            {
                int sum = (row % Block * Block) + (column % Block);
                work.Result[(row * work.Shared.ResultStride) + (column * work.Whole.ResultStride)] = T.Load(sums + (sum * T.Count)).Sum();
            }
        }
    }

    /// <summary>The sums of a row of a block.</summary>
    private readonly struct Four<T>(T a, T b, T c, T d)
        where T : struct, ILanes<T>
    {
        private readonly T _a = a;
        private readonly T _b = b;
        private readonly T _c = c;
        private readonly T _d = d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Four<T> Add(T factor, Four<T> others) => new(
            T.MultiplyAdd(factor, others._a, _a), T.MultiplyAdd(factor, others._b, _b),
            T.MultiplyAdd(factor, others._c, _c), T.MultiplyAdd(factor, others._d, _d));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddTo(float* sums)
        {
            (T.Load(sums) + _a).Store(sums);
            (T.Load(sums + T.Count) + _b).Store(sums + T.Count);
            (T.Load(sums + (2 * T.Count)) + _c).Store(sums + (2 * T.Count));
            (T.Load(sums + (3 * T.Count)) + _d).Store(sums + (3 * T.Count));
        }
    }

    /// <summary>Rows of a block. Where there are fewer, the last one comes again.</summary>
    private struct Rows
    {
        public float* First;
        public float* Second;
        public float* Third;
        public float* Fourth;
    }

    /// <summary>The channels of all images.</summary>
    private readonly struct Operand(float* first, int count, int resultStride)
    {
        public int Count { get; } = count;

        /// <summary>Elements of the result from a channel to the next.</summary>
        public nint ResultStride { get; } = resultStride;

        public int Blocks => (Count + Block - 1) / Block;

        public Rows Rows(int image, int block, int plane, int place)
        {
            float* rows = first + ((nint)image * Count * plane) + place;
            int row = block * Block, last = Count - 1;
            return new Rows
            {
                First = rows + ((nint)row * plane), Second = rows + ((nint)Math.Min(row + 1, last) * plane),
                Third = rows + ((nint)Math.Min(row + 2, last) * plane), Fourth = rows + ((nint)Math.Min(row + 3, last) * plane),
            };
        }
    }

    private struct Work
    {
        public Operand Shared;
        public Operand Whole;
        public int Batch;
        public int Plane;
        public float* Result;
        public float* Sums;
        public Pieces Pieces;
    }
}
