using OrtAdaMomentum.Kernels;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Kernels;

/// <summary>Runs a kernel at every vector width, on one and on several threads, and compares with a reference in double precision.</summary>
internal static unsafe class KernelRuns
{
    private const double Tolerance = 2e-6;

    /// <summary>Three threads that take the pieces as they come, the last one first.</summary>
    public static KernelThreads Several => new(&Share, null);

    /// <summary>A kernel's run.</summary>
    public delegate float[][] Run(VectorWidth width, KernelThreads threads);

    /// <summary>The results must be those expected, to a small part of their norm, and the same bits for any number of threads.</summary>
    public static void Check(string what, Run run, params double[][] expected)
    {
        foreach (VectorWidth width in Enum.GetValues<VectorWidth>())
        {
            float[][] results = run(width, KernelThreads.One);
            Assert.Equal(expected.Length, results.Length);
            for (int index = 0; index < expected.Length; index++)
            {
                double error = Distance(expected[index], results[index]);
                Assert.True(error <= Tolerance, $"{what}, {width}, result {index}: off by {error:G3} of the norm");
            }

            float[][] again = run(width, Several);
            for (int index = 0; index < expected.Length; index++)
                Assert.True(Bits(results[index]).SequenceEqual(Bits(again[index])), $"{what}, {width}, result {index}: threads change it");
        }
    }

    /// <summary>Evenly distributed numbers between -1 and 1, plus an offset.</summary>
    public static float[] Random(int seed, nint count, float offset = 0)
    {
        Random random = new(seed);
        float[] values = new float[count];
        foreach (ref float value in values.AsSpan())
            value = (2 * random.NextSingle()) - 1 + offset;
        return values;
    }

    private static IEnumerable<int> Bits(float[] values) => values.Select(BitConverter.SingleToInt32Bits);

    private static double Distance(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double norm = 0, difference = 0;
        for (int index = 0; index < expected.Length; index++)
        {
            norm += expected[index] * expected[index];
            difference += (expected[index] - actual[index]) * (expected[index] - actual[index]);
        }

        return norm == 0 ? Math.Sqrt(difference) : Math.Sqrt(difference / norm);
    }

    private static void Share(void* runner, delegate*<void*, int, void> piece, void* state, int count)
    {
        int left = count;
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            for (int index = Interlocked.Decrement(ref left); index >= 0; index = Interlocked.Decrement(ref left))
                piece(state, index);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
    }
}
