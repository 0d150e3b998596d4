using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>Product of two matrices of floats, either of them turned or not: C = op(A) × op(B), or C += op(A) × op(B).</summary>
internal static unsafe class Sgemm
{
    /// <summary>Extents and pointers.</summary>
    internal struct Arguments
    {
        /// <summary>Rows of op(A) and C.</summary>
        public int Rows;

        /// <summary>Columns of op(B) and C.</summary>
        public int Columns;

        /// <summary>Columns of op(A), rows of op(B).</summary>
        public int Depth;

        public float* A;

        /// <summary>Floats from a row of A, as it lies in memory, to the next.</summary>
        public nint AStride;

        /// <summary>Whether A lies in memory as [depth, rows].</summary>
        public bool TransposeA;

        public float* B;

        /// <summary>Floats from a row of B, as it lies in memory, to the next.</summary>
        public nint BStride;

        /// <summary>Whether B lies in memory as [columns, depth].</summary>
        public bool TransposeB;

        public float* C;

        /// <summary>Floats from a row of C to the next.</summary>
        public nint CStride;

        /// <summary>Whether to add to C.</summary>
        public bool Add;
    }

    /// <summary>Computes the product.</summary>
    /// <param name="arguments">Extents and pointers.</param>
    /// <param name="scratch">Memory to work in: about the size of A.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="width">Vector width; the widest where none is given.</param>
    public static void Run(in Arguments arguments, Scratch scratch, KernelThreads threads, VectorWidth? width = null)
    {
        KernelWidth.Run(arguments, scratch, threads, width, &Run<Lanes16>, &Run<Lanes8>, &Run<Lanes4>, &Run<Lanes1>);
    }

    /// <summary>Computes the product at one vector width.</summary>
    public static void Run<T>(in Arguments arguments, Scratch scratch, KernelThreads threads)
        where T : struct, ILanes<T>
    {
        nint noOffset = 0;
        float* panels = scratch.Floats(RowPanels.Length<T>(arguments.Rows, arguments.Depth));
        PackedRows rows = new()
        {
            From = arguments.A,
            RowStride = arguments.TransposeA ? 1 : arguments.AStride,
            ChannelStride = arguments.TransposeA ? arguments.AStride : 1,
            TapOffsets = &noOffset,
            Groups = 1,
            Count = arguments.Rows,
            Channels = arguments.Depth,
            Taps = 1,
            To = panels,
        };
        RowPanels.Pack<T>(rows, threads);
        PanelProduct product = new()
        {
            Rows = panels,
            Groups = 1,
            RowCount = arguments.Rows,
            Channels = arguments.Depth,
            Taps = 1,
            TapOffsets = &noOffset,
            Source = arguments.B,
            SourceChannelStride = arguments.TransposeB ? 1 : arguments.BStride,
            SourceColumnStride = arguments.TransposeB ? arguments.BStride : 1,
            Images = 1,
            GridHeight = 1,
            GridWidth = arguments.Columns,
            Result = arguments.C,
            ResultRowStride = arguments.CStride,
            Add = arguments.Add,
        };
        PanelMultiplier.Run<T>(product, threads);
    }
}
