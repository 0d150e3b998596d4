using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

public class OptimizerStepTests
{
    public static TheoryData<string> Names => [.. OptimizerFactory.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_allocates_nothing(string name)
    {
        BufferLayout layout = Buffers.Layout(200_000, 7);
        foreach (int threads in new[] { 1, 2 })
        {
            using Optimizer optimizer = OptimizerFactory.Create(
                name, layout, 1e-3, 0.01, new OptimizerSettings { Threads = threads, Clipping = GradientClipping.GlobalNorm(1) });
            using FlatBuffer parameters = Buffers.Random(layout, 1), gradients = Buffers.Random(layout, 2);
            for (int i = 0; i < 50; i++)
                optimizer.Step(parameters, gradients);

            // The runtime may allocate once by itself while the code is still being tiered up; what a step allocates shows every time.
            long least = long.MaxValue;
            for (int attempt = 0; attempt < 3; attempt++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 100; i++)
                    optimizer.Step(parameters, gradients, 0.5f);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            Assert.Equal(0, least);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1e19f)]
    public void A_gradient_that_is_not_usable_skips_the_step_and_touches_nothing(float bad)
    {
        foreach (string name in OptimizerFactory.Names)
        {
            BufferLayout layout = Buffers.Layout(100, 3);
            using Optimizer optimizer = OptimizerFactory.Create(name, layout, 0.1, 0.1);
            using FlatBuffer parameters = Buffers.Random(layout, 1), gradients = Buffers.Random(layout, 2);
            optimizer.Step(parameters, gradients);
            int[][] before = Everything(optimizer, parameters);
            gradients[layout.Slots[1]][2] = bad;

            Assert.Equal(new StepOutcome(false, optimizer.Step(parameters, gradients).GradientNorm, 2), optimizer.Step(parameters, gradients));
            Assert.Equal(before, Everything(optimizer, parameters));
            Assert.Equal((1, 2), (optimizer.StepCount, optimizer.SkippedSteps));

            gradients[layout.Slots[1]][2] = 1;
            Assert.True(optimizer.Step(parameters, gradients).Applied);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bad_gradient_far_behind_in_a_shared_step_touches_nothing(string name)
    {
        BufferLayout layout = Buffers.Layout((5 * StepPlan.ChunkLength) + 3, 1_200_000);
        using Optimizer optimizer = OptimizerFactory.Create(name, layout, 0.1, 0.1, new OptimizerSettings { Threads = 2 });
        using FlatBuffer parameters = Buffers.Random(layout, 1), gradients = Buffers.Random(layout, 2);
        optimizer.Step(parameters, gradients);
        int[][] before = Everything(optimizer, parameters);
        foreach (int place in new[] { 0, layout.Length / 2, layout.Length - 1 })
        {
            float kept = gradients.Span[place];
            gradients.Span[place] = float.NaN;
            Assert.False(optimizer.Step(parameters, gradients).Applied);
            gradients.Span[place] = kept;
        }

        Assert.Equal(before, Everything(optimizer, parameters));
    }

    [Fact]
    public void A_step_over_a_sum_is_the_step_over_the_added_gradients()
    {
        BufferLayout layout = Buffers.Layout(100, (3 * StepPlan.ChunkLength) + 7);
        foreach (bool check in new[] { true, false })
        {
            OptimizerSettings settings = new() { SkipNonFiniteGradients = check, Threads = 2 };
            using AdaMomentum folded = new(layout, null, settings), plain = new(layout, null, settings);
            using FlatBuffer parameters = Buffers.Random(layout, 1), expected = new(layout);
            using FlatBuffer sum = Buffers.Random(layout, 2), addend = Buffers.Random(layout, 3), added = new(layout);
            parameters.CopyTo(expected);
            for (int i = 0; i < layout.Length; i++)
                added.Span[i] = sum.Span[i] + addend.Span[i];
            StepOutcome outcome = folded.StepOverSum(parameters, sum, addend, 0.5f);

            Assert.Equal(plain.Step(expected, added, 0.5f), outcome);
            Assert.Equal(Everything(plain, expected), Everything(folded, parameters));
            Assert.Equal(Buffers.Bits(added), Buffers.Bits(sum));
        }
    }

    [Fact]
    public void Without_the_check_a_bad_gradient_goes_through_and_no_norm_is_known()
    {
        BufferLayout layout = Buffers.Layout(20);
        using AdaMomentum optimizer = new(layout, null, new OptimizerSettings { SkipNonFiniteGradients = false });
        using FlatBuffer parameters = new(layout), gradients = new(layout);
        gradients.Span[0] = float.NaN;
        StepOutcome outcome = optimizer.Step(parameters, gradients);

        Assert.True(outcome.Applied);
        Assert.True(double.IsNaN(outcome.GradientNorm));
        Assert.True(float.IsNaN(parameters.Span[0]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_only_read(string name)
    {
        BufferLayout layout = Buffers.Layout(50);
        using Optimizer optimizer = OptimizerFactory.Create(
            name, layout, 0.1, 0.1, new OptimizerSettings { Clipping = GradientClipping.GlobalNorm(0.01) });
        using FlatBuffer parameters = Buffers.Random(layout, 1), gradients = Buffers.Random(layout, 2);
        int[] before = Buffers.Bits(gradients);
        optimizer.Step(parameters, gradients, 0.25f);

        Assert.Equal(before, Buffers.Bits(gradients));
    }

    [Fact]
    public void The_norm_is_of_the_scaled_gradients_and_clipping_divides_by_it()
    {
        BufferLayout layout = Buffers.Layout(1, 1);
        using Sgd optimizer = new(layout, new() { LearningRate = 1 }, new OptimizerSettings { Clipping = GradientClipping.GlobalNorm(1) });
        using FlatBuffer parameters = new(layout), gradients = Buffers.Of(layout, 6f, -8f);

        Assert.Equal(5, optimizer.Step(parameters, gradients, 0.5f).GradientNorm, 1e-12);
        Assert.Equal([-0.6f, 0.8f], Buffers.Packed(parameters));
        gradients.CopyFromPacked([0.06f, 0.08f]);
        parameters.Clear();
        optimizer.Step(parameters, gradients);
        Assert.Equal([-0.06f, -0.08f], Buffers.Packed(parameters));
    }

    [Fact]
    public void Clipping_by_value_limits_each_element_after_scaling()
    {
        BufferLayout layout = Buffers.Layout(4);
        using Sgd optimizer = new(layout, new() { LearningRate = 1 }, new OptimizerSettings { Clipping = GradientClipping.Value(0.5) });
        using FlatBuffer parameters = new(layout), gradients = Buffers.Of(layout, 4f, -4f, 0.5f, 0f);
        optimizer.Step(parameters, gradients, 0.5f);

        Assert.Equal([-0.5f, 0.5f, -0.25f, 0f], Buffers.Packed(parameters));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Resuming_from_states_and_counters_continues_with_the_same_bits(string name)
    {
        BufferLayout layout = Buffers.Layout(100, 9);
        using Optimizer whole = OptimizerFactory.Create(name, layout, 1e-2, 0.01), resumed = OptimizerFactory.Create(name, layout, 1e-2, 0.01);
        using FlatBuffer parameters = Buffers.Random(layout, 1), copy = new(layout), gradients = new(layout);
        Random random = new(3);
        for (int step = 0; step < 20; step++)
        {
            if (step == 10)
            {
                parameters.CopyTo(copy);
                for (int i = 0; i < whole.States.Count; i++)
                    resumed.States[i].Buffer.CopyFromPacked(Buffers.Packed(whole.States[i].Buffer));
                resumed.Restore(whole.StepCount, whole.SkippedSteps);
            }

            Buffers.Randomize(gradients, random);
            whole.Step(parameters, gradients);
            if (step >= 10)
                resumed.Step(copy, gradients);
        }

        Assert.Equal(Everything(whole, parameters), Everything(resumed, copy));
        Assert.Equal(whole.StepCount, resumed.StepCount);
    }

    [Fact]
    public void A_moment_that_decays_for_long_becomes_zero_and_not_subnormal()
    {
        BufferLayout layout = Buffers.Layout(16);
        foreach (string name in OptimizerFactory.Names)
        {
            using Optimizer optimizer = OptimizerFactory.Create(name, layout, 1e-3, 0);
            using FlatBuffer parameters = new(layout), gradients = Buffers.Random(layout, 1);
            optimizer.Step(parameters, gradients);
            gradients.Clear();
            for (int step = 0; step < 100_000; step++)
            {
                optimizer.Step(parameters, gradients);
                foreach (OptimizerState state in optimizer.States)
                    Assert.False(float.IsSubnormal(state.Buffer.Span[step % 16]));
            }

            Assert.Equal(0f, optimizer.States[0].Buffer.Span[0]);
            Assert.All(Buffers.Packed(parameters), value => Assert.True(float.IsFinite(value)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_parameter_that_never_gets_a_gradient_stays(string name)
    {
        BufferLayout layout = Buffers.Layout(2);
        using Optimizer optimizer = OptimizerFactory.Create(name, layout, 0.1, 0);
        using FlatBuffer parameters = Buffers.Of(layout, 1f, 1f), gradients = Buffers.Of(layout, 0f, 1f);
        for (int step = 0; step < 100; step++)
            optimizer.Step(parameters, gradients);

        Assert.Equal(1f, parameters.Span[0]);
        Assert.True(parameters.Span[1] < 0);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        BufferLayout layout = Buffers.Layout(4);
        using AdaMomentum optimizer = new(layout);
        using FlatBuffer parameters = new(layout), gradients = new(layout), other = new(Buffers.Layout(5));

        Assert.Throws<ArgumentException>(() => optimizer.Step(parameters, other));
        Assert.Throws<ArgumentException>(() => optimizer.Step(other, gradients));
        Assert.Throws<ArgumentException>(() => optimizer.Step(parameters, parameters));
        foreach (float scale in new[] { 0f, -1f, float.NaN, float.PositiveInfinity })
            Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Step(parameters, gradients, scale));
        foreach (double rate in new[] { -1, double.NaN, double.PositiveInfinity })
            Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.LearningRate = rate);
        Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Restore(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Restore(0, -1));
        optimizer.Dispose();
        optimizer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => optimizer.Step(parameters, gradients));
    }

    [Fact]
    public void A_model_without_trainable_parameters_steps_over_nothing()
    {
        BufferLayout layout = BufferLayout.Create([]);
        using AdaMomentum optimizer = new(layout);
        using FlatBuffer parameters = new(layout), gradients = new(layout);

        Assert.Equal(new StepOutcome(true, 0, 0), optimizer.Step(parameters, gradients));
    }

    private static int[][] Everything(Optimizer optimizer, FlatBuffer parameters) =>
        [Buffers.Bits(parameters), .. optimizer.States.Select(state => Buffers.Bits(state.Buffer))];
}
