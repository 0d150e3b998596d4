using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

/// <summary>Eight steps of the authors' rule, computed in double from their code.</summary>
public class AdaMomentumGoldenTests
{
    private static readonly double[] _gradients = [0.1, -0.2, 0.3, 0.05, -0.4, 0, 0, 0.25];
    private static readonly int[] _steps = [1, 2, 3, 5, 6, 8];

    private static readonly Dictionary<string, (AdaMomentumOptions Options, double[] Parameters)> _golden = new()
    {
        ["epsilon 1e-8"] = (
            new() { Epsilon = 1e-8 },
            [0.9904653741075441, 0.9957393251680502, 0.9907209560428437, 0.9894842217928753, 0.9915654687128755, 0.9921266719440455]),
        ["epsilon 1e-16"] = (
            new(),
            [0.990000000005, 0.9955074127229379, 0.9903700734670444, 0.9891098373825603, 0.9912249710555121, 0.9917940592301216]),
        ["decoupled decay"] = (
            new() { Epsilon = 1e-8, WeightDecay = 0.01 },
            [0.9904553741075441, 0.9957194206143092, 0.9906910942948967, 0.9894345851033127, 0.991505937677462, 0.9920472938221586]),
        ["coupled decay"] = (
            new() { Epsilon = 1e-8, WeightDecay = 0.01, WeightDecayMode = WeightDecayMode.Coupled },
            [0.9903892553767286, 0.9949200062075239, 0.9896141687615232, 0.9875934223631223, 0.9891206341737319, 0.988572468128368]),
        ["rectified"] = (
            new() { Rectify = true },
            [0.9999, 0.9999578947368422, 0.9998837249951448, 0.9998635150830709, 0.9999181301882312, 0.9999297647755608]),
        ["AMSGrad"] = (
            new() { Epsilon = 1e-8, AmsGrad = true },
            [0.9904653741075441, 0.9957393251680502, 0.9907209560428437, 0.9894842217928753, 0.9915654687128755, 0.9921266719440455]),
    };

    public static TheoryData<string> Cases => [.. _golden.Keys];

    [Theory, MemberData(nameof(Cases))]
    public void The_double_reference_reproduces_them(string name)
    {
        (AdaMomentumOptions options, double[] expected) = _golden[name];
        ScalarReference reference = new();
        for (int step = 1; step <= _gradients.Length; step++)
        {
            reference.AdaMomentum(_gradients[step - 1], options);
            if (Array.IndexOf(_steps, step) is >= 0 and int row)
                Assert.Equal(expected[row], reference.Parameter, 1e-15);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_optimizer_agrees_to_float_accuracy(string name)
    {
        (AdaMomentumOptions options, double[] expected) = _golden[name];
        BufferLayout layout = Buffers.Layout(1);
        using AdaMomentum optimizer = new(layout, options);
        using FlatBuffer parameters = Buffers.Of(layout, 1f), gradients = new(layout);
        for (int step = 1; step <= _gradients.Length; step++)
        {
            gradients.Span[0] = (float)_gradients[step - 1];
            optimizer.Step(parameters, gradients);
            if (Array.IndexOf(_steps, step) is >= 0 and int row)
                Assert.Equal(expected[row], parameters.Span[0], 1e-6 * expected[row]);
        }
    }

    [Theory]
    [InlineData(1e-8, 2.262032785149183e-06)]
    [InlineData(1e-16, 2.1823122266458295e-06)]
    public void The_moments_agree_too(double epsilon, double second)
    {
        const double First = 0.010989348999999994;
        AdaMomentumOptions options = new() { Epsilon = epsilon };
        ScalarReference reference = new();
        BufferLayout layout = Buffers.Layout(1);
        using AdaMomentum optimizer = new(layout, options);
        using FlatBuffer parameters = Buffers.Of(layout, 1f), gradients = new(layout);
        foreach (double gradient in _gradients)
        {
            reference.AdaMomentum(gradient, options);
            gradients.Span[0] = (float)gradient;
            optimizer.Step(parameters, gradients);
        }

        Assert.Equal(First, reference.First, 1e-15);
        Assert.Equal(second, reference.Second, 1e-20);
        Assert.Equal(First, optimizer.States[0].Buffer.Span[0], 1e-6 * First);
        Assert.Equal(second, optimizer.States[1].Buffer.Span[0], 1e-6 * second);
    }

    [Fact]
    public void The_damping_is_exact_for_a_constant_gradient()
    {
        // The corrected second moment is the weighted mean of m² plus ε / (1 - β2), at every step: with a tiny gradient only the latter counts.
        AdaMomentumOptions options = new() { Epsilon = 1e-8, LearningRate = 1 };
        BufferLayout layout = Buffers.Layout(1);
        using AdaMomentum optimizer = new(layout, options);
        using FlatBuffer parameters = new(layout), gradients = Buffers.Of(layout, 1e-9f);
        double damping = Math.Sqrt(options.Epsilon / (1 - options.Beta2));
        for (int step = 1; step <= 50; step++)
        {
            optimizer.Step(parameters, gradients);
            Assert.Equal(-step * 1e-9 / damping, parameters.Span[0], 2e-6 * step * 1e-9 / damping);
        }
    }
}
