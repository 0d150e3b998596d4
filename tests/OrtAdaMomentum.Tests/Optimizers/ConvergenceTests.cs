using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

/// <summary>Every optimizer against every problem. A new optimizer is one more row of the first table.</summary>
public class ConvergenceTests
{
    private static readonly Dictionary<string, Func<BufferLayout, Optimizer>> _optimizers = new()
    {
        ["adamomentum"] = layout => new AdaMomentum(layout, new() { LearningRate = 1e-2, Epsilon = 1e-8 }),
        ["adamomentum, default epsilon"] = layout => new AdaMomentum(layout, new() { LearningRate = 1e-2 }),
        ["adamomentum, AMSGrad"] = layout => new AdaMomentum(layout, new() { LearningRate = 1e-2, AmsGrad = true, Epsilon = 1e-8 }),
        ["adamomentum, rectified"] = layout => new AdaMomentum(layout, new() { LearningRate = 1e-2, Rectify = true }),
        ["adamw"] = layout => new AdamW(layout, new() { LearningRate = 1e-2, WeightDecay = 0 }),
        ["sgd, momentum"] = layout => new Sgd(layout, new() { LearningRate = 2e-4, Momentum = 0.9 }),
        ["sgd, Nesterov"] = layout => new Sgd(layout, new() { LearningRate = 2e-4, Momentum = 0.9, Nesterov = true }),
    };

    private static readonly Dictionary<string, Problem> _problems = new()
    {
        ["parabola"] = new Problem([3, -2, 1, 4], 1e-6, Parabola),
        ["narrow valley"] = new Problem([1, 1], 1e-5, NarrowValley),
        ["Rosenbrock"] = new Problem([-1.2f, 1], 5e-3, Rosenbrock),
        ["Beale"] = new Problem([1, 1], 1e-3, Beale),
    };

    private delegate double Gradient(ReadOnlySpan<float> x, Span<float> gradient);

    public static MatrixTheoryData<string, string> Rows => new(_optimizers.Keys, _problems.Keys);

    [Theory, MemberData(nameof(Rows))]
    public void It_converges(string optimizerName, string problemName)
    {
        const int Steps = 20_000;
        Problem problem = _problems[problemName];
        BufferLayout layout = Buffers.Layout(problem.Start.Length);
        CosineSchedule schedule = new(Steps, warmupSteps: 100);
        using Optimizer optimizer = _optimizers[optimizerName](layout);
        using FlatBuffer parameters = Buffers.Of(layout, problem.Start), gradients = new(layout);
        Span<float> x = parameters[layout.Slots[0]], gradient = gradients[layout.Slots[0]];
        double rate = optimizer.LearningRate, first = problem.Evaluate(x, gradient), loss = first;
        for (int step = 0; step < Steps; step++)
        {
            optimizer.LearningRate = rate * schedule.FactorAt(step);
            Assert.True(optimizer.Step(parameters, gradients).Applied);
            loss = problem.Evaluate(x, gradient);
        }

        Assert.InRange(loss, 0, problem.Goal);
        Assert.True(loss < first);
    }

    private static double Parabola(ReadOnlySpan<float> x, Span<float> gradient)
    {
        double loss = 0;
        for (int i = 0; i < x.Length; i++)
        {
            float away = x[i] - i;
            loss += 0.5 * (i + 1) * away * away;
            gradient[i] = (i + 1) * away;
        }

        return loss;
    }

    private static double NarrowValley(ReadOnlySpan<float> x, Span<float> gradient)
    {
        gradient[0] = 200 * x[0];
        gradient[1] = 2 * x[1];
        return (100 * x[0] * x[0]) + (x[1] * x[1]);
    }

    private static double Rosenbrock(ReadOnlySpan<float> x, Span<float> gradient)
    {
        double a = 1 - x[0], b = x[1] - ((double)x[0] * x[0]);
        gradient[0] = (float)((-2 * a) - (400 * x[0] * b));
        gradient[1] = (float)(200 * b);
        return (a * a) + (100 * b * b);
    }

    /// <summary>Beale's function: a curved, flat valley with its minimum at (3, 0.5).</summary>
    private static double Beale(ReadOnlySpan<float> x, Span<float> gradient)
    {
        double u = x[0], v = x[1], loss = 0;
        gradient.Clear();
        double[] constants = [1.5, 2.25, 2.625];
        for (int power = 1; power <= constants.Length; power++)
        {
            double residual = constants[power - 1] - u + (u * Math.Pow(v, power));
            loss += residual * residual;
            gradient[0] += (float)(2 * residual * (Math.Pow(v, power) - 1));
            gradient[1] += (float)(2 * residual * power * u * Math.Pow(v, power - 1));
        }

        return loss;
    }

    private sealed record Problem(float[] Start, double Goal, Gradient Evaluate);
}
