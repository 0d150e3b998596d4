using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Tests.Optimizers;

public class OptionsTests
{
    private static readonly BufferLayout _layout = Buffers.Layout(3);

    [Fact]
    public void The_defaults_are_those_of_the_authors_code()
    {
        AdaMomentumOptions options = new();

        Assert.Equal((1e-3, 0.9, 0.999, 1e-16, 0), (options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay));
        Assert.Equal((WeightDecayMode.Decoupled, false, false), (options.WeightDecayMode, options.AmsGrad, options.Rectify));
    }

    [Fact]
    public void Values_out_of_range_are_refused_by_name()
    {
        Refused<AdaMomentumOptions>("Beta1", options => new AdaMomentum(_layout, options), [new() { Beta1 = 1 }, new() { Beta1 = -0.1 }]);
        Refused<AdaMomentumOptions>("Beta2", options => new AdaMomentum(_layout, options), [new() { Beta2 = 1 }, new() { Beta2 = double.NaN }]);
        Refused<AdaMomentumOptions>("Epsilon", options => new AdaMomentum(_layout, options), [new() { Epsilon = 0 }, new() { Epsilon = 1e-31 }]);
        Refused<AdaMomentumOptions>("LearningRate", options => new AdaMomentum(_layout, options), [new() { LearningRate = -1 }]);
        Refused<AdaMomentumOptions>("WeightDecay", options => new AdaMomentum(_layout, options), [new() { WeightDecay = -1 }]);
        Refused<AdaMomentumOptions>("Rectify", options => new AdaMomentum(_layout, options), [new() { Rectify = true, AmsGrad = true }]);
        Refused<AdamWOptions>("Epsilon", options => new AdamW(_layout, options), [new() { Epsilon = 0 }]);
        Refused<SgdOptions>("Momentum", options => new Sgd(_layout, options), [new() { Momentum = 1 }]);
        Refused<SgdOptions>("Nesterov", options => new Sgd(_layout, options), [new() { Nesterov = true }]);
        Refused<OptimizerSettings>("Threads", settings => new Sgd(_layout, null, settings), [new() { Threads = -1 }, new() { Threads = 1000 }]);
        foreach (double limit in new[] { 0, -1, double.NaN, double.PositiveInfinity, 1e-60 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.GlobalNorm(limit));
            Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.Value(limit));
        }
    }

    [Fact]
    public void States_are_named_and_laid_out_like_the_parameters()
    {
        Assert.Equal(["first_moment", "second_moment"], States(new AdaMomentum(_layout)));
        Assert.Equal(["first_moment", "second_moment", "max_second_moment"], States(new AdaMomentum(_layout, new() { AmsGrad = true })));
        Assert.Equal(["first_moment", "second_moment"], States(new AdamW(_layout)));
        Assert.Equal(["momentum"], States(new Sgd(_layout, new() { Momentum = 0.9 })));
        Assert.Empty(States(new Sgd(_layout)));

        static IEnumerable<string> States(Optimizer optimizer)
        {
            using (optimizer)
            {
                Assert.All(optimizer.States, state => Assert.Same(_layout, state.Buffer.Layout));
                return [.. optimizer.States.Select(state => state.Name)];
            }
        }
    }

    [Fact]
    public void The_factory_knows_every_optimizer_by_its_name()
    {
        foreach (string name in OptimizerFactory.Names)
        {
            using Optimizer optimizer = OptimizerFactory.Create(name.ToUpperInvariant(), _layout, 0.5, 0.25);
            Assert.Equal((name, 0.5, 0.25), (optimizer.Name, optimizer.LearningRate, optimizer.WeightDecay));
        }

        string message = Assert.Throws<ArgumentException>(() => OptimizerFactory.Create("adam", _layout, 1, 0)).Message;
        Assert.Contains("'adam'", message, StringComparison.Ordinal);
        Assert.All(OptimizerFactory.Names, name => Assert.Contains(name, message, StringComparison.Ordinal));
    }

    private static void Refused<T>(string named, Func<T, Optimizer> create, T[] bad)
    {
        foreach (T options in bad)
            Assert.Contains(named, Assert.ThrowsAny<ArgumentException>(() => create(options)).Message, StringComparison.Ordinal);
    }
}
