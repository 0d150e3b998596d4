namespace OrtAdaMomentum.Tests.Kernels;

/// <summary>Functions that .NET does not have, in double precision.</summary>
internal static class SpecialFunctions
{
    /// <summary>The share of the standard normal distribution below <paramref name="x"/>.</summary>
    public static double NormalBelow(double x)
    {
        if (Math.Abs(x) < 3)
        {
            // Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/15 + ...).
            double term = x, sum = x;
            for (int k = 3; Math.Abs(term) > 1e-18 * Math.Abs(sum); k += 2)
                sum += term *= x * x / k;
            return 0.5 + (sum * Density(x));
        }

        // The tail by its continued fraction 1 / (x + 1 / (x + 2 / (x + ...))).
        double magnitude = Math.Abs(x), fraction = magnitude;
        for (int k = 200; k > 0; k--)
            fraction = magnitude + (k / fraction);
        double tail = Density(x) / fraction;
        return x < 0 ? tail : 1 - tail;
    }

    public static double Density(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
}
