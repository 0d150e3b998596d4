using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>G g Gᵀ of filters g of 3x3 taps (Lavin and Gray 2015, section 4.1).</summary>
internal unsafe struct FilterPatches
{
    /// <summary>Rows and columns of taps.</summary>
    public const int Kernel = 3;

    /// <summary>Taps of a filter.</summary>
    public const int Taps = Kernel * Kernel;

    private const int StepsAtOnce = 16;
    private const int StepsAhead = 4;

    /// <summary>The filter.</summary>
    public float* Filter;

    /// <summary>Output channels of the convolution.</summary>
    public int Columns;

    /// <summary>Floats from the filter of an output channel to that of the next.</summary>
    public nint ColumnStride;

    /// <summary>Input channels of the convolution.</summary>
    public int Depth;

    /// <summary>Floats from the filter of an input channel to that of the next.</summary>
    public nint DepthStride;

    /// <summary>Whether the taps are turned round by half a turn.</summary>
    public bool Reversed;

    /// <summary>Transforms the filters of a panel of output channels and of a stretch of input channels.</summary>
    /// <param name="panel">Panel of output channels.</param>
    /// <param name="begin">First input channel.</param>
    /// <param name="count">Input channels.</param>
    /// <param name="to">A row for each input channel of the stretch, a column for each output channel.</param>
    /// <param name="toPanel">Panel of the result.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Transform<T>(int panel, int begin, int count, in ElementMatrices to, int toPanel)
        where T : struct, ILanes<T>
    {
        int width = Tile.Width<T>(), first = panel * width, columns = Math.Min(width, Columns - first);
        int atOnce = DepthStride == Taps ? StepsAtOnce : 1, length = StepsAtOnce * Taps * width;
        float* memory = stackalloc float[length + Scratch.Slack];
        float* turned = Scratch.Aligned(memory);
        if (columns < width)
            new Span<float>(turned, length).Clear();
        float* from = Filter + (first * ColumnStride) + (begin * DepthStride), line = to.Panel(0, toPanel);
        for (int step = 0; step < count; step += atOnce)
        {
            int steps = Math.Min(atOnce, count - step);
            Fetch(from + ((step + Math.Max(atOnce, StepsAhead)) * DepthStride), columns, steps);
            MatrixTranspose.Run(from + (step * DepthStride), ColumnStride, columns, steps * Taps, turned, width);
            float* taps = Reversed ? turned + ((Taps - 1) * width) : turned;
            for (int each = 0; each < steps; each++, line += width, taps += Taps * width)
            {
                Transform<T>(taps, Reversed ? -width : width, line, to.Stride);
                Transform<T>(taps + T.Count, Reversed ? -width : width, line + T.Count, to.Stride);
            }
        }
    }

    /// <summary>Asks for what is turned later: filters lie too far apart for the hardware to see which ones are next.</summary>
    private readonly void Fetch(float* from, int columns, int steps)
    {
        if (ColumnStride == Taps)
        {
            Prefetch.Soon(from, columns * Taps);
            return;
        }

        for (int column = 0; column < columns; column++)
            Prefetch.Soon(from + (column * ColumnStride), steps * Taps);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transform<T>(float* taps, nint tap, float* to, nint matrix)
        where T : struct, ILanes<T>
    {
        Column<T> left = new(taps, Kernel * tap), middle = new(taps + tap, Kernel * tap), right = new(taps + (2 * tap), Kernel * tap);
        Store(left.Element0, middle.Element0, right.Element0, to, matrix);
        Store(left.Element1, middle.Element1, right.Element1, to + (4 * matrix), matrix);
        Store(left.Element2, middle.Element2, right.Element2, to + (8 * matrix), matrix);
        Store(left.Element3, middle.Element3, right.Element3, to + (12 * matrix), matrix);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(T a, T b, T c, float* to, nint matrix)
        where T : struct, ILanes<T>
    {
        T outer = (a + c) * T.Splat(0.5f), inner = b * T.Splat(0.5f);
        a.Store(to);
        (outer + inner).Store(to + matrix);
        (outer - inner).Store(to + (2 * matrix));
        c.Store(to + (3 * matrix));
    }

    /// <summary>G times a column of taps.</summary>
    private readonly struct Column<T>
        where T : struct, ILanes<T>
    {
        public readonly T Element0;
        public readonly T Element1;
        public readonly T Element2;
        public readonly T Element3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Column(float* taps, nint row)
        {
            Element0 = T.Load(taps);
            Element3 = T.Load(taps + (2 * row));
            T outer = (Element0 + Element3) * T.Splat(0.5f), inner = T.Load(taps + row) * T.Splat(0.5f);
            Element1 = outer + inner;
            Element2 = outer - inner;
        }
    }
}
