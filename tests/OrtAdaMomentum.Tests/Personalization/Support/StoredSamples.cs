using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>Samples as stores take them.</summary>
internal static class StoredSamples
{
    /// <summary>Different samples to train on.</summary>
    public static StoredSample[] Tiny(int count, int seed = 1) =>
        [.. TinyClassifier.Samples(count, seed).Select(static sample => new StoredSample(sample, SampleRole.Training))];

    /// <summary>Different samples of about a kilobyte for each 256 numbers.</summary>
    public static StoredSample[] Large(int count, int numbers = 1024, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] values = new float[numbers];
            foreach (ref float value in values.AsSpan())
                value = random.NextSingle();
            return new StoredSample(new Sample("x", SampleTensor.Of<float>(values, numbers), SampleTensor.Scalar((long)random.Next(2))), SampleRole.Training);
        })];
    }
}
