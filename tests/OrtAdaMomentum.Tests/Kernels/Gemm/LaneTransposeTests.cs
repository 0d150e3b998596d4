using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Kernels.Gemm;

/// <summary>Turning moves floats and computes nothing, so every one is compared, and so is what lies around them.</summary>
public unsafe class LaneTransposeTests
{
    private delegate void Turn(float* from, nint fromStride, int rows, int columns, float* to, nint toStride);

    [Fact]
    public void Any_matrix_is_turned_and_nothing_else_is_touched()
    {
        for (int rows = 0; rows < 10; rows++)
        {
            for (int columns = 0; columns < 10; columns++)
                Check(MatrixTranspose.Run, rows, columns, rows + 3);
        }
    }

    [Fact]
    public void Rows_are_joined_and_split_at_every_width()
    {
        Check<Lanes16>();
        Check<Lanes8>();
        Check<Lanes4>();
        Check<Lanes1>();
    }

    private static void Check<T>()
        where T : struct, ILanes<T>
    {
        for (int rows = 1; rows <= T.Count; rows++)
        {
            for (int columns = 0; columns < 20; columns++)
            {
                Check(LaneTranspose.Join<T>, rows, columns, T.Count);
                Check(LaneTranspose.Join<T>, rows, columns, 3 * T.Count);
                Check(static (from, _, r, c, to, toStride) => LaneTranspose.Split<T>(from, r, c, to, toStride), columns, rows, columns + 2, T.Count);
            }
        }
    }

    private static void Check(Turn turn, int rows, int columns, int toStride, int fromStride = 0)
    {
        fromStride = fromStride == 0 ? columns + 2 : fromStride;
        float[] matrix = KernelAssert.Random(rows * fromStride, 1);
        float[] expected = new float[(columns * toStride) + 16], actual = new float[expected.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                expected[(column * toStride) + row] = matrix[(row * fromStride) + column];
        }

        fixed (float* from = matrix, to = actual)
            turn(from, fromStride, rows, columns, to, toStride);
        Assert.Equal(expected, actual);
    }
}
