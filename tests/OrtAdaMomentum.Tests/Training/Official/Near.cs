namespace OrtAdaMomentum.Tests.Training.Official;

/// <summary>How near two runtimes have to be: 1e-5 of the value, or of the norm.</summary>
internal static class Near
{
    private const double Tolerance = 1e-5;

    public static void Assert(float expected, float actual) => Assert([expected], [actual]);

    public static void Assert(float[] expected, float[] actual)
    {
        Xunit.Assert.Equal(expected.Length, actual.Length);
        double norm = Math.Sqrt(expected.Sum(static value => (double)value * value));
        double distance = Math.Sqrt(expected.Zip(actual).Sum(static pair => Math.Pow(pair.First - (double)pair.Second, 2)));
        Xunit.Assert.True(distance <= Tolerance * norm, $"they lie {distance} apart; the norm is {norm}");
    }
}
