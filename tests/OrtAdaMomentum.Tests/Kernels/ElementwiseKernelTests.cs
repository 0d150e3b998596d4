using OrtAdaMomentum.Kernels.Elementwise;

namespace OrtAdaMomentum.Tests.Kernels;

public unsafe class ElementwiseKernelTests
{
    private static readonly int[] _lengths = [0, 1, 3, 4, 7, 15, 16, 17, 33, 1000, (3 * 16 * 1024) + 5];

    [Fact]
    public void Relu_passes_the_gradient_where_the_output_is_positive() =>
        Check(new ReluBackward(), static (g, y) => y > 0 ? g : 0, 1, [float.NaN, 0f, -0f, float.PositiveInfinity]);

    [Fact]
    public void Clip_passes_the_gradient_inside_and_at_the_limits() =>
        Check(new ClipBackward(-0.5f, 0.25f), static (g, x) => x is >= -0.5f and <= 0.25f ? g : 0, 1, [float.NaN, -0.5f, 0.25f, 0.26f]);

    [Fact]
    public void Clip_with_its_limits_the_wrong_way_round_passes_the_gradient_at_the_upper_one() =>
        Check(new ClipBackward(0.5f, 0.25f), static (g, x) => x == 0.25f ? g : 0, 1, [float.NaN, 0.5f, 0.25f, 0.3f]);

    [Fact]
    public void Gelu() => Check(new Gelu(), static (_, x) => x * Below(x), 6, [0f, -20f, 40f, -1e30f], inputTwice: true);

    [Fact]
    public void Gelu_backward() =>
        Check(
            new GeluBackward(),
            static (g, x) => g * (Below(x) + (x * Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI))),
            6,
            [0f, -20f, 1e30f, float.NegativeInfinity],
            static x => double.IsInfinity(x) ? -1e30 : x);

    [Fact]
    public void Gelu_by_tanh() =>
        Check(new TanhGelu(), static (_, x) => x * ByTanh(x).Share, 6, [0f, -20f, 40f, -1e30f], inputTwice: true);

    [Fact]
    public void Gelu_by_tanh_backward() => Check(
        new TanhGeluBackward(), static (g, x) => g * ByTanh(x).Slope, 6, [0f, -20f, 1e10f, float.NegativeInfinity], static x => Math.Clamp(x, -1e10, 1e10));

    private static double Below(double x) => SpecialFunctions.NormalBelow(x);

    private static (double Share, double Slope) ByTanh(double x)
    {
        double root = Math.Sqrt(2 / Math.PI), tanh = Math.Tanh(root * (x + (0.044715 * x * x * x)));
        double slope = 1 - (tanh * tanh);
        return (0.5 * (1 + tanh), (0.5 * (1 + tanh)) + (slope == 0 ? 0 : 0.5 * x * slope * root * (1 + (3 * 0.044715 * x * x))));
    }

    private static void Check<TOperation>(
        TOperation operation,
        Func<double, double, double> reference,
        float spread,
        float[] special,
        Func<double, double>? limit = null,
        bool inputTwice = false)
        where TOperation : unmanaged, IElementwise
    {
        foreach (int length in _lengths)
        {
            float[] gradient = KernelRuns.Random(1, length), values = [.. KernelRuns.Random(2, length).Select(value => value * spread)];
            for (int index = 0; index < Math.Min(special.Length, length); index++)
                values[index] = special[index];
            double[] expected = [.. gradient.Zip(values, (g, x) => reference(g, limit is null ? x : limit(x)))];
            KernelRuns.Check($"{typeof(TOperation).Name}, {length}", (width, threads) =>
            {
                float[] result = new float[length];
                fixed (float* pg = gradient, px = values, pr = result)
                    ElementwisePass.Run(operation, inputTwice ? px : pg, px, pr, length, threads, width);
                return [result];
            }, expected);
        }
    }
}
