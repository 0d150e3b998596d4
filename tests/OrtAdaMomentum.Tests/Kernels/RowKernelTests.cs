using OrtAdaMomentum.Kernels.Normalization;

namespace OrtAdaMomentum.Tests.Kernels;

public unsafe class RowKernelTests
{
    public static TheoryData<int, int> Shapes => new()
    {
        { 0, 5 }, { 1, 1 }, { 3, 2 }, { 5, 16 }, { 7, 17 }, { 4, 31 }, { 2, 1000 }, { 300, 128 }, { 129, 384 }, { 1000, 70 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Softmax(int rows, int columns) => CheckSoftmax(rows, columns, logarithm: false);

    [Theory, MemberData(nameof(Shapes))]
    public void Logarithm_of_softmax(int rows, int columns) => CheckSoftmax(rows, columns, logarithm: true);

    [Theory, MemberData(nameof(Shapes))]
    public void Layer_normalisation(int rows, int columns)
    {
        int length = rows * columns;
        float[] x = KernelRuns.Random(1, length, 2), gradient = KernelRuns.Random(2, length), scale = KernelRuns.Random(3, columns, 2);
        float[] mean = KernelRuns.Random(4, rows, 2), inverse = KernelRuns.Random(5, rows, 2);
        double[] expected = new double[length], ofScale = new double[columns], ofBias = new double[columns];
        for (int row = 0; row < rows; row++)
        {
            double Normalised(int column) => (x[(row * columns) + column] - (double)mean[row]) * inverse[row];
            double sum = 0, product = 0;
            for (int column = 0; column < columns; column++)
            {
                double g = gradient[(row * columns) + column];
                ofScale[column] += g * Normalised(column);
                ofBias[column] += g;
                sum += g * scale[column] / columns;
                product += g * scale[column] * Normalised(column) / columns;
            }

            for (int column = 0; column < columns; column++)
            {
                double scaled = gradient[(row * columns) + column] * (double)scale[column];
                expected[(row * columns) + column] = inverse[row] * (scaled - sum - (Normalised(column) * product));
            }
        }

        KernelRuns.Check($"[{rows}, {columns}]", (width, threads) =>
        {
            float[] result = [.. gradient], scaleResult = new float[columns], biasResult = new float[columns];
            float[] scratch = new float[LayerNormalizationBackward.ScratchLength(rows, columns)];
            fixed (float* px = x, ps = scale, pm = mean, pi = inverse, pr = result, psr = scaleResult, pbr = biasResult, pw = scratch)
            {
                LayerNormalizationBackward.Run(
                    new()
                    {
                        X = px, Gradient = pr, Scale = ps, Mean = pm, Inverse = pi, XGradient = pr, ScaleGradient = psr, BiasGradient = pbr,
                        Rows = rows, Columns = columns, Scratch = pw,
                    },
                    threads,
                    width);
            }

            return [result, scaleResult, biasResult];
        }, expected, ofScale, ofBias);
    }

    private static void CheckSoftmax(int rows, int columns, bool logarithm)
    {
        float[] gradient = KernelRuns.Random(2, rows * columns);
        float[] y = KernelRuns.Random(1, rows * columns, logarithm ? -2 : 1);
        double[] expected = new double[y.Length];
        for (int row = 0; row < rows; row++)
        {
            double sum = 0;
            for (int i = row * columns; i < (row + 1) * columns; i++)
                sum += logarithm ? gradient[i] : gradient[i] * (double)y[i];
            for (int i = row * columns; i < (row + 1) * columns; i++)
                expected[i] = logarithm ? gradient[i] - (Math.Exp(y[i]) * sum) : (gradient[i] - sum) * y[i];
        }

        KernelRuns.Check($"[{rows}, {columns}]", (width, threads) =>
        {
            float[] result = [.. gradient];
            fixed (float* py = y, pr = result)
                SoftmaxBackward.Run(logarithm, py, pr, pr, rows, columns, threads, width);
            return [result];
        }, expected);
    }
}
