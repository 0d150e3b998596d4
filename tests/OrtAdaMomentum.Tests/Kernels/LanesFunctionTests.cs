using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Kernels;

public unsafe class LanesFunctionTests
{
    private delegate float[] Function(float[] values);

    [Fact]
    public void The_exponential_is_right_to_two_units_over_all_floats() =>
        Check(Math.Exp, 2, x => Each<Lanes16>(x, Exponential.Of), x => Each<Lanes8>(x, Exponential.Of), x => Each<Lanes4>(x, Exponential.Of), x => Each<Lanes1>(x, Exponential.Of));

    [Fact]
    public void The_hyperbolic_tangent_is_right_to_two_units_over_all_floats() =>
        Check(Math.Tanh, 2, x => Each<Lanes16>(x, Exponential.Tanh), x => Each<Lanes8>(x, Exponential.Tanh), x => Each<Lanes4>(x, Exponential.Tanh), x => Each<Lanes1>(x, Exponential.Tanh));

    [Fact]
    public void The_sigmoid_is_right_to_three_units_where_the_result_is_no_subnormal() =>
        Check(
            static x => x < -88 ? 0 : 1 / (1 + Math.Exp(-x)),
            3,
            x => Each<Lanes16>(x, Sigmoid),
            x => Each<Lanes8>(x, Sigmoid),
            x => Each<Lanes4>(x, Sigmoid),
            x => Each<Lanes1>(x, Sigmoid));

    [Fact]
    public void The_share_below_is_right_to_a_few_units_in_the_lower_tail_too() =>
        Check(
            static x => SpecialFunctions.NormalBelow(Math.Clamp(x, -40, 40)), 8,
            x => Each<Lanes16>(x, Below), x => Each<Lanes8>(x, Below), x => Each<Lanes4>(x, Below), x => Each<Lanes1>(x, Below));

    [Fact]
    public void Loading_and_storing_the_first_lanes_touches_nothing_behind_them()
    {
        FirstLanes<Lanes16>();
        FirstLanes<Lanes8>();
        FirstLanes<Lanes4>();
        FirstLanes<Lanes1>();
    }

    private static T Sigmoid<T>(T x)
        where T : struct, ILanes<T> => T.WhereGreater(T.Splat(-88f), x, default, Exponential.Sigmoid(x));

    private static T Below<T>(T x)
        where T : struct, ILanes<T> => NormalDistribution.At(x).Below;

    private static float[] Each<T>(float[] values, Func<T, T> function)
        where T : struct, ILanes<T>
    {
        float[] results = new float[values.Length];
        fixed (float* from = values, to = results)
        {
            for (int i = 0; i < values.Length; i += T.Count)
                function(T.LoadFirst(from + i, Math.Min(T.Count, values.Length - i))).StoreFirst(to + i, Math.Min(T.Count, values.Length - i));
        }

        return results;
    }

    private static void Check(Func<double, double> exact, double units, params Function[] widths)
    {
        // Steps through the bit patterns of all floats, of both signs, denser where the functions change.
        List<float> values = [0f, -0f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.MaxValue, float.MinValue, float.Epsilon];
        for (long bits = 0; bits < 0x7F800000; bits += 30011)
            values.AddRange([BitConverter.Int32BitsToSingle((int)bits), -BitConverter.Int32BitsToSingle((int)bits)]);
        for (double x = -110; x < 110; x += 0.0031)
            values.Add((float)x);
        float[] all = [.. values];
        foreach (Function width in widths)
        {
            float[] results = width(all);
            for (int i = 0; i < all.Length; i++)
            {
                double expected = exact(all[i]);
                float rounded = (float)expected;
                bool good = float.IsFinite(rounded)
                    ? Math.Abs(results[i] - expected) <= units * Math.Max(MathF.BitIncrement(MathF.Abs(rounded)) - Math.Abs(rounded), float.Epsilon)
                    : rounded.Equals(results[i]) || (float.IsInfinity(rounded) && Math.Abs(expected) < 3.5e38 && results[i] > 3.4e38f);
                Assert.True(good, $"at {all[i]:G9}: {results[i]:G9} instead of {expected:G9}");
            }
        }
    }

    private static void FirstLanes<T>()
        where T : struct, ILanes<T>
    {
        float[] values = KernelRuns.Random(1, T.Count), expected = new float[T.Count + 1], results = new float[T.Count + 1], whole = new float[T.Count];
        for (int count = 0; count <= T.Count; count++)
        {
            Array.Fill(results, 7f);
            Array.Fill(expected, 7f);
            Array.Copy(values, expected, count);
            fixed (float* from = values, to = results, all = whole)
            {
                T.LoadFirst(from, count).StoreFirst(to, count);
                Assert.Equal(expected, results);
                T.LoadFirst(from, count).Store(all);
                Assert.Equal(values[..count], whole[..count]);
                Assert.All(whole[count..], static value => Assert.Equal(0f, value));
                Assert.Equal(values[..count].Sum(static value => (double)value), T.LoadFirst(from, count).Sum(), 1e-5);
            }
        }
    }
}
