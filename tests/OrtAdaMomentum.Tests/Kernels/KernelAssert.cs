namespace OrtAdaMomentum.Tests.Kernels;

/// <summary>What the results of kernels are held against.</summary>
internal static class KernelAssert
{
    public const double Tolerance = 2e-6;

    /// <summary>Fails where the difference is more than a part of the norm of what is expected.</summary>
    public static void Near(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double tolerance = Tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += (expected[i] - actual[i]) * (expected[i] - actual[i]);
            norm += expected[i] * expected[i];
        }

        Assert.True(Math.Sqrt(difference) <= tolerance * Math.Sqrt(norm), $"off by {Math.Sqrt(difference / norm):E2} of the norm");
    }

    /// <summary>Random numbers around zero.</summary>
    public static float[] Random(int count, int seed)
    {
        Random random = new(seed);
        float[] values = new float[count];
        foreach (ref float value in values.AsSpan())
            value = random.NextSingle() - 0.5f;
        return values;
    }
}
