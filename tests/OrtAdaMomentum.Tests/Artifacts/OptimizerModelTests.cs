using Google.Protobuf;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Artifacts;

public sealed class OptimizerModelTests
{
    public static TheoryData<string, AdaMomentumOptions> Variants => new()
    {
        { "defaults", new() },
        { "larger epsilon", new() { Epsilon = 1e-8 } },
        { "decoupled decay", new() { WeightDecay = 0.1 } },
        { "coupled decay", new() { WeightDecay = 0.1, WeightDecayMode = WeightDecayMode.Coupled } },
        { "greatest second moment", new() { AmsGrad = true } },
        { "rectified", new() { Rectify = true } },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_graph_computes_the_step_of_the_host(string variant, AdaMomentumOptions options)
    {
        Assert.NotNull(variant);
        const int count = 37;
        byte[] graph = OptimizerModel.Build(options).ToByteArray();
        var layout = BufferLayout.Create([("p", [count])]);
        using var parameters = new FlatBuffer(layout);
        using var gradients = new FlatBuffer(layout);
        using var optimizer = new AdaMomentum(layout, options);
        OrtRun.Random(count, 5).CopyTo(parameters.Span);
        float[] p = parameters.Span[..count].ToArray(), m = new float[count], v = new float[count], greatest = new float[count];

        for (int step = 1; step <= 12; step++)
        {
            float[] g = OrtRun.Random(count, 100 + step);
            g.CopyTo(gradients.Span);
            optimizer.Step(parameters, gradients);
            (string, Array, long[])[] feeds =
            [
                ("parameters", p, [count]), ("gradients", g, [count]), ("first_moment", m, [count]), ("second_moment", v, [count]),
                ("learning_rate", new[] { 1e-3f }, []), ("step", new[] { (long)step }, []),
            ];
            var outputs = OrtRun.Run(graph, options.AmsGrad ? [.. feeds, ("max_second_moment", greatest, [count])] : feeds);
            (p, m, v) = (outputs["parameters_out"].Floats, outputs["first_moment_out"].Floats, outputs["second_moment_out"].Floats);
            if (options.AmsGrad)
                greatest = outputs["max_second_moment_out"].Floats;
        }

        for (int index = 0; index < count; index++)
            Assert.Equal(parameters.Span[index], p[index], 2e-6f);
    }
}
