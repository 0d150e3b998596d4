using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Drift;

public class ReferenceDistributionTests
{
    [Fact]
    public void Equal_shares_lie_in_every_class()
    {
        var reference = ReferenceDistribution.Of(Enumerable.Range(0, 1000).Select(static number => (double)number));
        Assert.Equal(9, reference.Bounds.Count);
        Assert.All(reference.Counts, static count => Assert.InRange(count, 99, 101));
    }

    [Fact]
    public void The_index_is_the_sum_of_its_formula()
    {
        // Two classes with shares p and q, half a value added to each.
        var reference = new ReferenceDistribution([0.5], [60, 40]);
        double p = 60.5 / 101, q = 20.5 / 101;
        double expected = ((q - p) * Math.Log(q / p)) + ((p - q) * Math.Log((1 - q) / (1 - p)));
        Assert.Equal(expected, reference.IndexOf([20, 80]), 12);
    }

    [Fact]
    public void The_same_distribution_has_an_index_near_zero_and_a_shifted_one_does_not()
    {
        var random = new Random(3);
        var reference = ReferenceDistribution.Of(Enumerable.Range(0, 2000).Select(_ => Normal(random)));
        Assert.InRange(Index(0), 0, 0.05);
        Assert.InRange(Index(1), 0.5, 10);

        double Index(double shift)
        {
            int[] counts = new int[reference.Counts.Count];
            for (int number = 0; number < 2000; number++)
                counts[reference.ClassOf(Normal(random) + shift)]++;
            return reference.IndexOf(counts);
        }
    }

    [Fact]
    public void A_feature_that_was_constant_is_seen_to_change()
    {
        var reference = ReferenceDistribution.Of(Enumerable.Repeat(1.0, 500));
        int[] same = new int[reference.Counts.Count], other = new int[reference.Counts.Count];
        same[reference.ClassOf(1)] = other[reference.ClassOf(2)] = 500;
        Assert.Equal(0, reference.IndexOf(same), 12);
        Assert.InRange(reference.IndexOf(other), 1, 100);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
