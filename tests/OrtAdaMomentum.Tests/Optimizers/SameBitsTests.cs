using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Optimizers.Simd;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Tests.Optimizers;

public class SameBitsTests
{
    private static readonly int[][] _lengths =
    [
        [1], [15], [16], [17], [31, 1, 33], [5, 0, 100],
        [StepPlan.ChunkLength - 1], [StepPlan.ChunkLength + 1], [(3 * StepPlan.ChunkLength) + 5, 7, 2 * StepPlan.ChunkLength],
    ];

    private static readonly GradientClipping[] _clippings = [GradientClipping.None, GradientClipping.GlobalNorm(0.5), GradientClipping.Value(0.25)];

    private static readonly Dictionary<string, Func<BufferLayout, OptimizerSettings, VectorWidth, Optimizer>> _optimizers = new()
    {
        ["adamomentum"] = (layout, settings, width) =>
            new AdaMomentum(layout, new() { WeightDecay = 0.1 }, settings) { Width = width },
        ["adamomentum, AMSGrad, coupled"] = (layout, settings, width) => new AdaMomentum(
            layout, new() { AmsGrad = true, WeightDecay = 0.1, WeightDecayMode = WeightDecayMode.Coupled }, settings) { Width = width },
        ["adamomentum, rectified"] = (layout, settings, width) =>
            new AdaMomentum(layout, new() { Rectify = true }, settings) { Width = width },
        ["adamw"] = (layout, settings, width) => new AdamW(layout, null, settings) { Width = width },
        ["sgd, Nesterov"] = (layout, settings, width) =>
            new Sgd(layout, new() { Momentum = 0.9, Nesterov = true, WeightDecay = 0.1 }, settings) { Width = width },
        ["sgd"] = (layout, settings, width) => new Sgd(layout, null, settings) { Width = width },
    };

    public static TheoryData<string> Optimizers => [.. _optimizers.Keys];

    [Theory, MemberData(nameof(Optimizers))]
    public void Widths_and_threads_do_not_change_a_bit(string name)
    {
        foreach (int[] lengths in _lengths)
        {
            BufferLayout layout = Buffers.Layout(lengths);
            foreach (GradientClipping clipping in _clippings)
            {
                string expected = Train(name, layout, clipping, VectorWidth.Scalar, 1);
                foreach (VectorWidth width in Enum.GetValues<VectorWidth>())
                {
                    foreach (int threads in new[] { 1, 2, 5 })
                        Assert.Equal(expected, Train(name, layout, clipping, width, threads));
                }
            }
        }
    }

    [Fact]
    public void The_square_sum_has_the_same_bits_at_every_width_and_sees_what_is_not_finite()
    {
        foreach (int length in new[] { 16, 32, 48, 4096, 4112 })
        {
            using FlatBuffer buffer = Buffers.Random(Buffers.Layout(length), length, 1e20f);
            double exact = Buffers.Packed(buffer).Sum(value => (double)value * value);
            double[] sums = Sums(buffer);

            Assert.All(sums, sum => Assert.Equal(sums[0], sum));
            Assert.Equal(exact, sums[0], 1e-13 * exact);
            foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                float kept = buffer.Span[length - 1];
                buffer.Span[length - 1] = bad;
                Assert.All(Sums(buffer), sum => Assert.False(double.IsFinite(sum)));
                buffer.Span[length - 1] = kept;
            }
        }

        static unsafe double[] Sums(FlatBuffer buffer) =>
            Array.ConvertAll(Enum.GetValues<VectorWidth>(), width => SquareSum.Of(width, buffer.Pointer, buffer.Layout.Length));
    }

    [Fact]
    public unsafe void The_square_sums_of_two_ranges_are_those_of_each_alone()
    {
        foreach (int length in new[] { 16, 32, 48, 4112 })
        {
            using FlatBuffer first = Buffers.Random(Buffers.Layout(length), 1), second = Buffers.Random(Buffers.Layout(length), 2);
            foreach (VectorWidth width in Enum.GetValues<VectorWidth>())
            {
                Assert.Equal(
                    (SquareSum.Of(width, first.Pointer, length), SquareSum.Of(width, second.Pointer, length)),
                    SquareSum.OfBoth(width, first.Pointer, second.Pointer, length));
            }
        }
    }

    /// <summary>Seven steps, as text of the bits of everything they change: long enough for the rectified update to divide.</summary>
    private static string Train(string name, BufferLayout layout, GradientClipping clipping, VectorWidth width, int threads)
    {
        using Optimizer optimizer = _optimizers[name](layout, new OptimizerSettings { Clipping = clipping, Threads = threads }, width);
        using FlatBuffer parameters = Buffers.Random(layout, 1), gradients = new(layout);
        Random random = new(2);
        HashCode norms = default;
        for (int step = 0; step < 7; step++)
        {
            Buffers.Randomize(gradients, random, MathF.Pow(10, -step));
            // Values whose arithmetic is special: zeros of both signs, subnormals, and large ones.
            float[] special = [0f, -0f, 1e-40f, -1e-40f, 1e-22f, 3e10f, -3e10f];
            Span<float> first = gradients[layout.Slots[0]];
            for (int i = step; i < first.Length; i += 11)
                first[i] = special[i % special.Length];
            norms.Add(optimizer.Step(parameters, gradients, 0.5f).GradientNorm);
            Assert.True(Buffers.PaddingIsZero(parameters));
        }

        Assert.All(optimizer.States, state => Assert.True(Buffers.PaddingIsZero(state.Buffer)));
        IEnumerable<FlatBuffer> changed = optimizer.States.Select(state => state.Buffer).Prepend(parameters);
        return $"{norms.ToHashCode()} {string.Join(' ', changed.Select(Digest))}";
    }

    private static string Digest(FlatBuffer buffer) => Convert.ToHexString(
        System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(buffer.Span)));
}
