using CsCheck;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization;

public class SampleSplitTests
{
    [Fact]
    public void A_sample_has_the_same_role_whenever_it_comes() =>
        Gen.Select(Gen.String, Gen.Double[0.01, 0.99])
            .Sample(static (key, share) => SampleSplit.RoleOf(key, share) == SampleSplit.RoleOf(new string([.. key]), share));

    [Fact]
    public void A_larger_share_only_adds_held_out_samples() =>
        Gen.Select(Gen.String, Gen.Double[0.01, 0.5], Gen.Double[0, 0.49]).Sample(static (key, share, more) =>
            SampleSplit.RoleOf(key, share) == SampleRole.Training || SampleSplit.RoleOf(key, share + more) == SampleRole.HeldOut);

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.2)]
    [InlineData(0.5)]
    public void The_share_is_met(double share)
    {
        int heldOut = Enumerable.Range(0, 20_000).Count(index => SampleSplit.RoleOf($"sample-{index}", share) == SampleRole.HeldOut);
        Assert.Equal(share, heldOut / 20_000.0, 0.01);
    }

    [Fact]
    public void The_role_of_a_key_does_not_change_between_versions()
    {
        // Stored samples keep their role; this is for those that come again.
        string roles = string.Concat(Enumerable.Range(0, 32).Select(static index => SampleSplit.RoleOf($"k{index}", 0.5) == SampleRole.HeldOut ? 'h' : 't'));
        Assert.Equal("htthttthtthhttthtthttttththhthtt", roles);
    }

    [Fact]
    public void All_samples_of_a_subject_have_one_role()
    {
        foreach (int subject in Enumerable.Range(0, 50))
        {
            var samples = Enumerable.Range(0, 20).Select(index =>
                new Sample("x", SampleTensor.Scalar(1f), SampleTensor.Scalar(0L), $"sample {subject}-{index}") { Subject = $"subject {subject}" });

            Assert.Single(samples.Select(static sample => SampleSplit.RoleOf(sample, 0.5)).Distinct());
        }
    }
}
