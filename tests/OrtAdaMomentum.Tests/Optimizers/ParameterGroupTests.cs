using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

public class ParameterGroupTests
{
    private static readonly BufferLayout _layout = BufferLayout.Create(
        [("embed.weight", [20]), ("block.weight", [40]), ("block.bias", [3]), ("head.weight", [17]), ("head.bias", [1])]);

    [Fact]
    public void Each_parameter_takes_the_first_group_that_matches()
    {
        Dictionary<string, float> moved = Step(
            weightDecay: 0,
            new ParameterGroup { Patterns = ["embed.*"], Frozen = true },
            new ParameterGroup { Patterns = ["*.bias"], LearningRateFactor = 0.5 },
            new ParameterGroup { Patterns = ["head.?ias", "head.weight"], LearningRateFactor = 2 });

        Assert.Equal(0f, moved["embed.weight"]);
        Assert.Equal(-1f, moved["block.weight"]);
        Assert.Equal(-0.5f, moved["block.bias"]);
        Assert.Equal(-0.5f, moved["head.bias"]);
        Assert.Equal(-2f, moved["head.weight"]);
    }

    [Fact]
    public void A_group_can_have_its_own_weight_decay()
    {
        Dictionary<string, float> moved = Step(weightDecay: 0.5, new ParameterGroup { Patterns = ["*.bias"], WeightDecay = 0 });

        Assert.Equal(-1.5f, moved["block.weight"]);
        Assert.Equal(-1f, moved["block.bias"]);
    }

    [Fact]
    public void Frozen_gradients_count_in_no_norm_or_check()
    {
        using AdaMomentum optimizer = new(
            _layout, null, new OptimizerSettings { Groups = [new ParameterGroup { Patterns = ["block.*"], Frozen = true }] });
        using FlatBuffer parameters = new(_layout), gradients = new(_layout);
        gradients[_layout["block.weight"]].Fill(float.NaN);
        gradients[_layout["head.weight"]][0] = 3;
        gradients[_layout["embed.weight"]][0] = 4;
        StepOutcome outcome = optimizer.Step(parameters, gradients);

        Assert.True(outcome.Applied);
        Assert.Equal(5, outcome.GradientNorm, 1e-12);
        Assert.False(parameters[_layout["block.weight"]].ContainsAnyExcept(0f));
        Assert.All(optimizer.States, state => Assert.False(state.Buffer[_layout["block.weight"]].ContainsAnyExcept(0f)));
    }

    [Fact]
    public void Groups_change_nothing_but_their_settings()
    {
        // The same settings through groups, which cut the buffer into five runs, must give the same numbers as without.
        using AdaMomentum plain = new(_layout);
        using AdaMomentum grouped = new(_layout, null, new OptimizerSettings
        {
            Groups = [.. _layout.Slots.Select(slot => new ParameterGroup { Patterns = [slot.Name] })],
        });
        using FlatBuffer a = Buffers.Random(_layout, 1), b = Buffers.Random(_layout, 1), gradients = Buffers.Random(_layout, 2);
        for (int step = 0; step < 5; step++)
        {
            plain.Step(a, gradients);
            grouped.Step(b, gradients);
        }

        Assert.Equal(Buffers.Bits(a), Buffers.Bits(b));
    }

    [Fact]
    public void A_plan_covers_every_trained_float_once()
    {
        BufferLayout layout = Buffers.Layout(40_000, 5, 0, 16_384, 100_001, 3);
        StepPlan plan = StepPlan.Create(layout, [new ParameterGroup { Patterns = ["tensor3"], Frozen = true }]);
        int[] visits = new int[layout.Length];
        int[] gaps = new int[layout.Length];
        foreach (StepChunk chunk in plan.Chunks)
        {
            Assert.Equal((0, 0), (chunk.Start % 16, chunk.End % 16));
            Assert.InRange(chunk.End - chunk.Start, 16, StepPlan.ChunkLength);
            for (int i = chunk.Start; i < chunk.End; i++)
                visits[i]++;
            foreach ((int start, int length) in plan.Gaps[chunk.FirstGap..chunk.EndGap])
            {
                Assert.InRange(start, chunk.Start, chunk.End - length);
                for (int i = start; i < start + length; i++)
                    gaps[i]++;
            }
        }

        BufferSlot frozen = layout["tensor3"];
        for (int i = 0; i < layout.Length; i++)
        {
            bool trained = i < frozen.Offset || i >= frozen.Offset + frozen.Length;
            bool used = layout.Slots.Any(slot => i >= slot.Offset && i < slot.Offset + slot.Length);
            Assert.Equal((trained ? 1 : 0, used ? 0 : 1), (visits[i], gaps[i]));
        }
    }

    [Fact]
    public void Groups_that_make_no_sense_are_refused()
    {
        Assert.Contains("'block.wight'", Refused(new ParameterGroup { Patterns = ["block.wight"] }), StringComparison.Ordinal);
        Assert.Contains("factor", Refused(new ParameterGroup { Patterns = ["*"], LearningRateFactor = -1 }), StringComparison.Ordinal);
        Assert.Contains("decay", Refused(new ParameterGroup { Patterns = ["*"], WeightDecay = double.NaN }), StringComparison.Ordinal);
        Assert.Contains("at least one", Refused(new ParameterGroup { Patterns = [] }), StringComparison.Ordinal);
        using AdaMomentum optimizer = new(
            _layout, null, new OptimizerSettings { Groups = [new ParameterGroup { Patterns = ["*.norm"], WeightDecay = 0 }] });

        static string Refused(ParameterGroup group) => Assert.Throws<ArgumentException>(
            () => new AdaMomentum(_layout, null, new OptimizerSettings { Groups = [group] })).Message;
    }

    /// <summary>One step of gradient descent from 1 with gradient 1 and rate 1: how far each parameter moved.</summary>
    private static Dictionary<string, float> Step(double weightDecay, params ParameterGroup[] groups)
    {
        using Sgd optimizer = new(_layout, new() { LearningRate = 1, WeightDecay = weightDecay }, new OptimizerSettings { Groups = groups });
        using FlatBuffer parameters = new(_layout), gradients = new(_layout);
        foreach (BufferSlot slot in _layout.Slots)
        {
            parameters[slot].Fill(1);
            gradients[slot].Fill(1);
        }

        optimizer.Step(parameters, gradients);
        Assert.True(Buffers.PaddingIsZero(parameters));
        Dictionary<string, float> moved = [];
        foreach (BufferSlot slot in _layout.Slots)
        {
            moved[slot.Name] = parameters[slot][0] - 1;
            Assert.False(parameters[slot].ContainsAnyExcept(parameters[slot][0]));
        }

        return moved;
    }
}
