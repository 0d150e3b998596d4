using System.Runtime.CompilerServices;

namespace OrtAdaMomentum.Simd;

/// <summary>The standard normal distribution, for the Gaussian error linear unit.</summary>
internal static class NormalDistribution
{
    /// <summary>Beyond it the lower tail rounds to zero.</summary>
    public const float Limit = 15f;

    private const float RootHalf = 0.707106781f;
    private const float DensityAtZero = 0.398942280f;

    /// <summary>
    /// Share below a value, and density there: a few units in the last place, in the lower tail too. NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (T Below, T Density) At<T>(T value)
        where T : struct, ILanes<T>
    {
        T x = T.Clamp(value, T.Splat(Limit));
        T one = T.Splat(1f);

        // The exponential multiplies the rounding error of its argument, so that this is taken back.
        T square = x * x;
        T lost = T.MultiplyAdd(x, x, T.Splat(0f) - square);
        T bell = Exponential.Of(square * T.Splat(-0.5f));
        bell = T.MultiplyAdd(bell * lost, T.Splat(-0.5f), bell);

        // The tail over the bell falls off smoothly: 1 at zero, like 1 / |x| far away.
        T u = one / T.MultiplyAdd(T.Abs(x), T.Splat(0.4f * RootHalf), one);
        T ratio = T.MultiplyAdd(u, T.Splat(-0.0277924126f), T.Splat(0.132930533f));
        ratio = T.MultiplyAdd(u, ratio, T.Splat(-0.218394347f));
        ratio = T.MultiplyAdd(u, ratio, T.Splat(0.115487217f));
        ratio = T.MultiplyAdd(u, ratio, T.Splat(-0.0292013376f));
        ratio = T.MultiplyAdd(u, ratio, T.Splat(0.0747620169f));
        ratio = T.MultiplyAdd(u, ratio, T.Splat(0.122078787f));
        ratio = T.MultiplyAdd(u, ratio, T.Splat(0.171086328f));
        ratio = T.MultiplyAdd(u, ratio, T.Splat(0.207697047f));
        ratio = T.MultiplyAdd(u, ratio, T.Splat(0.225670174f));
        ratio = T.MultiplyAdd(u, ratio, T.Splat(0.22567599f));
        T tail = ratio * u * T.Splat(0.5f) * bell;
        return (T.WhereGreater(x, T.Splat(0f), one - tail, tail), bell * T.Splat(DensityAtZero));
    }
}
