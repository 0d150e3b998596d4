namespace OrtAdaMomentum.Tests.Training.OfficialApi;

/// <summary>Data for both programs.</summary>
internal static class Batches
{
    private static readonly int[] Samples = [.. Enumerable.Range(0, 32)];

    public static void Next(Span<float> features, Span<long> labels)
    {
        var data = TinyTask.Data(Samples.Length);
        data.Read("x", Samples, System.Runtime.InteropServices.MemoryMarshal.AsBytes(features));
        data.Read("labels", Samples, System.Runtime.InteropServices.MemoryMarshal.AsBytes(labels));
    }
}
