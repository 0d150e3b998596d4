using OrtAdaMomentum.Kernels.Gemm;

namespace OrtAdaMomentum.Tests.Kernels.Gemm;

public unsafe class MatrixTransposeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_become_columns_and_nothing_around_is_touched(bool apart)
    {
        for (int rows = 0; rows < 20; rows++)
        {
            for (int columns = 0; columns < 11; columns++)
            {
                int fromStride = columns + 3, toStride = rows + 2;
                float[] matrix = KernelAssert.Random(rows * fromStride + 1, 1), turned = new float[(columns + 1) * toStride];
                fixed (float* from = matrix, to = turned)
                {
                    if (apart)
                        MatrixTranspose.RunApart(from, fromStride, rows, columns, to, toStride);
                    else
                        MatrixTranspose.Run(from, fromStride, rows, columns, to, toStride);
                }

                float[] expected = new float[turned.Length];
                for (int row = 0; row < rows; row++)
                {
                    for (int column = 0; column < columns; column++)
                        expected[(column * toStride) + row] = matrix[(row * fromStride) + column];
                }

                Assert.Equal(expected, turned);
            }
        }
    }
}
