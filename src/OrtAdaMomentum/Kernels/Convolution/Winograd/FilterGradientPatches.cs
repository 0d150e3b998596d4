using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>Gᵀ u G of gradients u of transformed filters: the adjoint of <see cref="FilterPatches"/>, 3x3 taps.</summary>
internal unsafe struct FilterGradientPatches
{
    private const int StepsAtOnce = 16;

    /// <summary>The gradient of the filter.</summary>
    public float* Gradient;

    /// <summary>Output channels.</summary>
    public int Columns;

    /// <summary>Input channels.</summary>
    public int Depth;

    /// <summary>Partial sums of <c>u</c>, one after another, which are added up in this order.</summary>
    public int Sums;

    /// <summary>Transforms a panel of output channels and a stretch of input channels.</summary>
    /// <param name="panel">Panel of output channels.</param>
    /// <param name="begin">First input channel.</param>
    /// <param name="count">Input channels.</param>
    /// <param name="from">A row for each input channel of the stretch, a column for each output channel; the first of the sums.</param>
    /// <param name="fromPanel">Panel of that.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Transform<T>(int panel, int begin, int count, in ElementMatrices from, int fromPanel)
        where T : struct, ILanes<T>
    {
        const int Taps = FilterPatches.Taps;
        int width = Tile.Width<T>(), first = panel * width, columns = Math.Min(width, Columns - first);
        float* memory = stackalloc float[(StepsAtOnce * Taps * width) + Scratch.Slack];
        float* turned = Scratch.Aligned(memory);
        float* line = from.Panel(0, fromPanel), to = Gradient + ((((nint)first * Depth) + begin) * Taps);
        for (int step = 0; step < count; step += StepsAtOnce, to += StepsAtOnce * Taps)
        {
            int steps = Math.Min(StepsAtOnce, count - step);
            float* taps = turned;
            for (int each = 0; each < steps; each++, line += width, taps += Taps * width)
            {
                Transform<T>(line, from, taps, width);
                Transform<T>(line + T.Count, from, taps + T.Count, width);
            }

            MatrixTranspose.RunApart(turned, width, steps * Taps, columns, to, (nint)Depth * Taps);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Transform<T>(float* from, in ElementMatrices matrices, float* taps, nint tap)
        where T : struct, ILanes<T>
    {
        nint matrix = matrices.Stride, sum = matrices.Length;
        Line<T> a = Sum<T>(from, matrix, sum), b = Sum<T>(from + (4 * matrix), matrix, sum);
        Line<T> c = Sum<T>(from + (8 * matrix), matrix, sum), d = Sum<T>(from + (12 * matrix), matrix, sum);
        Store(a.Element0, b.Element0, c.Element0, d.Element0, taps, FilterPatches.Kernel * tap);
        Store(a.Element1, b.Element1, c.Element1, d.Element1, taps + tap, FilterPatches.Kernel * tap);
        Store(a.Element2, b.Element2, c.Element2, d.Element2, taps + (2 * tap), FilterPatches.Kernel * tap);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(T a, T b, T c, T d, float* to, nint row)
        where T : struct, ILanes<T>
    {
        T outer = (b + c) * T.Splat(0.5f);
        (a + outer).Store(to);
        ((b - c) * T.Splat(0.5f)).Store(to + row);
        (outer + d).Store(to + (2 * row));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Line<T> Sum<T>(float* from, nint matrix, nint next)
        where T : struct, ILanes<T>
    {
        T a = T.Load(from), b = T.Load(from + matrix), c = T.Load(from + (2 * matrix)), d = T.Load(from + (3 * matrix));
        for (int sum = 1; sum < Sums; sum++)
        {
            from += next;
            a += T.Load(from);
            b += T.Load(from + matrix);
            c += T.Load(from + (2 * matrix));
            d += T.Load(from + (3 * matrix));
        }

        return new(a, b, c, d);
    }

    /// <summary>A row of four elements times G.</summary>
    private readonly struct Line<T>
        where T : struct, ILanes<T>
    {
        public readonly T Element0;
        public readonly T Element1;
        public readonly T Element2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Line(T a, T b, T c, T d)
        {
            T outer = (b + c) * T.Splat(0.5f);
            Element0 = a + outer;
            Element1 = (b - c) * T.Splat(0.5f);
            Element2 = outer + d;
        }
    }
}
