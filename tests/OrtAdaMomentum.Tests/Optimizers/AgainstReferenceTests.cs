using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

/// <summary>Thousands of float steps beside the double reference, on the same gradients.</summary>
public class AgainstReferenceTests
{
    private const int Steps = 4000;
    private const int Parameters = 37;

    private static readonly Dictionary<string, (Func<BufferLayout, Optimizer> Create, Action<ScalarReference, double> Step)> _rules = new()
    {
        ["adamomentum"] = AdaMomentum(new() { Epsilon = 1e-8 }),
        ["adamomentum, default epsilon"] = AdaMomentum(new()),
        ["adamomentum, decoupled decay"] = AdaMomentum(new() { WeightDecay = 0.1 }),
        ["adamomentum, coupled decay"] = AdaMomentum(new() { WeightDecay = 0.1, WeightDecayMode = WeightDecayMode.Coupled, Epsilon = 1e-8 }),
        ["adamomentum, AMSGrad"] = AdaMomentum(new() { AmsGrad = true, Epsilon = 1e-8 }),
        ["adamomentum, rectified"] = AdaMomentum(new() { Rectify = true }),
        ["adamomentum, rectified, few samples"] = AdaMomentum(new() { Rectify = true, Beta2 = 0.6 }),
        ["adamomentum, slow second moment"] = AdaMomentum(new() { Beta2 = 0.99999, Beta1 = 0.5 }),
        ["adamw"] = AdamW(new()),
        ["adamw, strong decay"] = AdamW(new() { WeightDecay = 0.5, Beta2 = 0.98 }),
        ["sgd"] = Sgd(new() { WeightDecay = 0.01 }),
        ["sgd, momentum"] = Sgd(new() { Momentum = 0.9, LearningRate = 1e-3 }),
        ["sgd, Nesterov"] = Sgd(new() { Momentum = 0.9, LearningRate = 1e-3, Nesterov = true, WeightDecay = 0.01 }),
    };

    public static TheoryData<string> Rules => [.. _rules.Keys];

    [Theory, MemberData(nameof(Rules))]
    public void Float_steps_stay_with_the_double_reference(string rule)
    {
        BufferLayout layout = Buffers.Layout(Parameters);
        using Optimizer optimizer = _rules[rule].Create(layout);
        using FlatBuffer parameters = Buffers.Random(layout, 1), gradients = new(layout);
        ScalarReference[] references = [.. Buffers.Packed(parameters).Select(value => new ScalarReference { Parameter = value })];
        Random random = new(2);
        double worst = 0;
        for (int step = 0; step < Steps; step++)
        {
            // Gradients of very different size, some of them rarely present.
            for (int i = 0; i < Parameters; i++)
            {
                float size = MathF.Pow(10, -(i % 7));
                gradients.Span[i] = i % 5 == 0 && step % 50 != 0 ? 0 : (random.NextSingle() - 0.45f) * size;
                _rules[rule].Step(references[i], gradients.Span[i]);
            }

            Assert.True(optimizer.Step(parameters, gradients).Applied);
            for (int i = 0; i < Parameters; i++)
                worst = Math.Max(worst, Math.Abs(parameters.Span[i] - references[i].Parameter) / (1 + Math.Abs(references[i].Parameter)));
        }

        // A float parameter is rounded in every step; 4000 roundings of half a unit in the last place add up to at most 2.4e-4.
        Assert.InRange(worst, 0, 5e-5);
        Assert.Equal(Steps, optimizer.StepCount);
        if (optimizer.States.Count == 0)
            return;
        for (int i = 0; i < Parameters; i++)
            Assert.Equal(references[i].First, optimizer.States[0].Buffer.Span[i], (1e-5 * Math.Abs(references[i].First)) + 1e-6);
        if (optimizer.States.Count < 2)
            return;

        // A slow moment keeps its roundings for long.
        for (int i = 0; i < Parameters; i++)
            Assert.Equal(references[i].Second, optimizer.States[1].Buffer.Span[i], 1e-4 * references[i].Second);
    }

    private static (Func<BufferLayout, Optimizer>, Action<ScalarReference, double>) AdaMomentum(AdaMomentumOptions options) =>
        (layout => new AdaMomentum(layout, options), (reference, gradient) => reference.AdaMomentum(gradient, options));

    private static (Func<BufferLayout, Optimizer>, Action<ScalarReference, double>) AdamW(AdamWOptions options) =>
        (layout => new AdamW(layout, options), (reference, gradient) => reference.AdamW(gradient, options));

    private static (Func<BufferLayout, Optimizer>, Action<ScalarReference, double>) Sgd(SgdOptions options) =>
        (layout => new Sgd(layout, options), (reference, gradient) => reference.Sgd(gradient, options));
}
