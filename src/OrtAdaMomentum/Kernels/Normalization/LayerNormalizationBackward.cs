using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Reduction;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Normalization;

/// <summary>Gradients of layer normalisation of the rows of a matrix, with the statistics that the forward pass saved.</summary>
internal static unsafe class LayerNormalizationBackward
{
    private const int MostPieces = 32;

    /// <summary>Tensors and extents.</summary>
    internal struct Arguments
    {
        /// <summary>Input of the normalisation, [rows, columns].</summary>
        public required float* X;

        /// <summary>Gradient of its output.</summary>
        public required float* Gradient;

        /// <summary>One factor for each column.</summary>
        public required float* Scale;

        /// <summary>The mean of each row.</summary>
        public required float* Mean;

        /// <summary>One over the standard deviation of each row.</summary>
        public required float* Inverse;

        /// <summary>Gradient of the input; may be <see cref="Gradient"/>.</summary>
        public required float* XGradient;

        /// <summary>Gradient of the scale.</summary>
        public required float* ScaleGradient;

        /// <summary>Gradient of the bias.</summary>
        public required float* BiasGradient;

        public required nint Rows;

        public required nint Columns;

        /// <summary>Memory to work in, of <see cref="ScratchLength"/> floats.</summary>
        public required float* Scratch;
    }

    /// <summary>Floats that <see cref="Arguments.Scratch"/> must have: the sums of each piece for scale and bias.</summary>
    public static nint ScratchLength(nint rows, nint columns) => 2 * columns * Cut(rows, columns).Count;

    /// <summary>Computes the gradients.</summary>
    public static void Run(in Arguments arguments, KernelThreads threads, VectorWidth? width = null)
    {
        int pieces = Cut(arguments.Rows, arguments.Columns).Count;
        fixed (Arguments* state = &arguments)
            threads.For(pieces, KernelWidth.Choose(width, &Piece<Lanes16>, &Piece<Lanes8>, &Piece<Lanes4>, &Piece<Lanes1>), state);

        nint half = pieces * arguments.Columns;
        ColumnSum.Run(arguments.Scratch, arguments.ScaleGradient, pieces, arguments.Columns, threads, width);
        ColumnSum.Run(arguments.Scratch + half, arguments.BiasGradient, pieces, arguments.Columns, threads, width);
    }

    private static Pieces Cut(nint rows, nint columns) => new(rows, columns, MostPieces);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece<T>(void* state, int piece)
        where T : struct, ILanes<T>
    {
        Arguments all = *(Arguments*)state;
        Pieces pieces = Cut(all.Rows, all.Columns);
        (nint row, nint end) = pieces[piece];
        float* scaleSums = all.Scratch + (piece * all.Columns), biasSums = scaleSums + (pieces.Count * all.Columns);
        new Span<float>(scaleSums, checked((int)all.Columns)).Clear();
        new Span<float>(biasSums, checked((int)all.Columns)).Clear();
        for (; row < end; row++)
            Row<T>(all, row, scaleSums, biasSums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(in Arguments all, nint row, float* scaleSums, float* biasSums)
        where T : struct, ILanes<T>
    {
        float* x = all.X + (row * all.Columns), gradient = all.Gradient + (row * all.Columns), result = all.XGradient + (row * all.Columns);
        T mean = T.Splat(all.Mean[row]), inverse = T.Splat(all.Inverse[row]), sum = default, product = default;
        nint index = 0;
        for (; index < all.Columns; index += T.Count)
        {
            int count = (int)Math.Min(T.Count, all.Columns - index);
            bool whole = count == T.Count;
            T g = whole ? T.Load(gradient + index) : T.LoadFirst(gradient + index, count);
            T normalised = ((whole ? T.Load(x + index) : T.LoadFirst(x + index, count)) - mean) * inverse;
            T scaled = g * (whole ? T.Load(all.Scale + index) : T.LoadFirst(all.Scale + index, count));
            sum += scaled;
            product = T.MultiplyAdd(scaled, normalised, product);
            T scaleSum = T.MultiplyAdd(g, normalised, whole ? T.Load(scaleSums + index) : T.LoadFirst(scaleSums + index, count));
            T biasSum = g + (whole ? T.Load(biasSums + index) : T.LoadFirst(biasSums + index, count));
            if (whole)
            {
                scaleSum.Store(scaleSums + index);
                biasSum.Store(biasSums + index);
            }
            else
            {
                scaleSum.StoreFirst(scaleSums + index, count);
                biasSum.StoreFirst(biasSums + index, count);
            }
        }

        // inverse (g scale - mean(g scale) - normalised mean(g scale normalised)).
        T ofMean = T.Splat(-sum.Sum() / all.Columns), ofDeviation = T.Splat(-product.Sum() / all.Columns);
        index = 0;
        for (; index <= all.Columns - T.Count; index += T.Count)
        {
            T normalised = (T.Load(x + index) - mean) * inverse;
            T rest = T.MultiplyAdd(normalised, ofDeviation, ofMean);
            (T.MultiplyAdd(T.Load(gradient + index), T.Load(all.Scale + index), rest) * inverse).Store(result + index);
        }

        int last = (int)(all.Columns - index);
        if (last > 0)
        {
            T normalised = (T.LoadFirst(x + index, last) - mean) * inverse;
            T rest = T.MultiplyAdd(normalised, ofDeviation, ofMean);
            (T.MultiplyAdd(T.LoadFirst(gradient + index, last), T.LoadFirst(all.Scale + index, last), rest) * inverse).StoreFirst(result + index, last);
        }
    }
}
