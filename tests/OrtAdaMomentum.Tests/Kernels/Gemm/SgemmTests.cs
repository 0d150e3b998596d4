using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Kernels.Gemm;

public unsafe class SgemmTests
{
    public static TheoryData<int, int, int> Extents => new()
    {
        { 1, 1, 1 }, { 3, 5, 7 }, { 12, 32, 16 }, { 13, 33, 9 }, { 16, 31, 300 }, { 64, 64, 64 }, { 97, 130, 600 }, { 5, 700, 3 }, { 200, 2, 40 },
        { 0, 4, 4 }, { 4, 0, 4 }, { 4, 4, 0 },
    };

    [Theory]
    [MemberData(nameof(Extents))]
    public void Every_width_and_form_gives_the_product(int rows, int columns, int depth)
    {
        foreach (VectorWidth width in Enum.GetValues<VectorWidth>())
        {
            for (int form = 0; form < 8; form++)
                Check(rows, columns, depth, (form & 1) != 0, (form & 2) != 0, (form & 4) != 0, width);
        }
    }

    [Fact]
    public void Threads_do_not_change_a_bit()
    {
        float[] one = Compute(150, 900, 300, false, true, false, null, KernelThreads.One);
        float[] several = Compute(150, 900, 300, false, true, false, null, TestThreads.Several);
        Assert.Equal(one, several);
    }

    private static void Check(int rows, int columns, int depth, bool transposeA, bool transposeB, bool add, VectorWidth width)
    {
        var (a, b, c) = Operands(rows, columns, depth);
        double[] expected = new double[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double sum = add ? c[(i * columns) + j] : 0;
                for (int k = 0; k < depth; k++)
                    sum += (double)a[transposeA ? (k * rows) + i : (i * depth) + k] * b[transposeB ? (j * depth) + k : (k * columns) + j];
                expected[(i * columns) + j] = sum;
            }
        }

        KernelAssert.Near(expected, Compute(rows, columns, depth, transposeA, transposeB, add, width, KernelThreads.One));
    }

    private static float[] Compute(
        int rows, int columns, int depth, bool transposeA, bool transposeB, bool add, VectorWidth? width, KernelThreads threads)
    {
        var (a, b, c) = Operands(rows, columns, depth);
        using Scratch scratch = new();
        fixed (float* pa = a, pb = b, pc = c)
        {
            Sgemm.Arguments arguments = new()
            {
                Rows = rows, Columns = columns, Depth = depth, Add = add,
                A = pa, AStride = transposeA ? rows : depth, TransposeA = transposeA,
                B = pb, BStride = transposeB ? depth : columns, TransposeB = transposeB,
                C = pc, CStride = columns,
            };
            Sgemm.Run(arguments, scratch, threads, width);
        }

        return c;
    }

    private static (float[] A, float[] B, float[] C) Operands(int rows, int columns, int depth) =>
        (KernelAssert.Random(rows * depth, 1), KernelAssert.Random(depth * columns, 2), KernelAssert.Random(rows * columns, 3));
}
