using System.Runtime.InteropServices;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Personalization;

public class RehearsalMixTests
{
    [Theory]
    [InlineData(10, 1000, 0.5, 10)]
    [InlineData(10, 1000, 0.8, 40)]
    [InlineData(10, 1000, 0.0, 0)]
    [InlineData(10, 5, 0.5, 5)]
    [InlineData(10, 0, 0.5, 0)]
    public void Rehearsal_samples_have_the_share_asked_for_or_all_there_are(int fresh, int rehearsal, double share, int chosen) =>
        Assert.Equal(fresh + chosen, new RehearsalMix(Numbers(fresh, 0), Numbers(rehearsal, 1000), share, 1).Count);

    [Fact]
    public void New_samples_come_first_and_rehearsal_samples_are_different_ones()
    {
        float[] values = Read(new RehearsalMix(Numbers(10, 0), Numbers(100, 1000), 0.5, 1));

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], values[..10]);
        Assert.All(values[10..], static value => Assert.InRange(value, 1000, 1099));
        Assert.Equal(10, values[10..].Distinct().Count());
    }

    [Fact]
    public void The_seed_decides_the_choice()
    {
        float[] Choice(ulong seed) => Read(new RehearsalMix(Numbers(10, 0), Numbers(100, 1000), 0.5, seed));

        Assert.Equal(Choice(5), Choice(5));
        Assert.NotEqual(Choice(5), Choice(6));
    }

    private static TensorDataset Numbers(int count, int first) =>
        new TensorDataset(count).Add("x", [.. Enumerable.Range(first, count).Select(static number => (float)number)]);

    private static float[] Read(RehearsalMix mix)
    {
        var values = new float[mix.Count];
        mix.Read("x", [.. Enumerable.Range(0, mix.Count)], MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
