namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>The axes of [batch, channels, ...].</summary>
internal static class Channels
{
    /// <summary>All axes but that of the channels.</summary>
    public static int[] Others(SymbolicTensor x) => [0, .. Spatial(x)];

    /// <summary>The axes behind the channels.</summary>
    public static int[] Spatial(SymbolicTensor x) => [.. Enumerable.Range(2, x.Rank - 2)];

    /// <summary>One number per channel, laid out to broadcast over <paramref name="x"/>.</summary>
    public static SymbolicTensor Broadcast(SymbolicTensor values, SymbolicTensor x) =>
        x.Rank == 2 ? values : values.Unsqueeze([.. Enumerable.Range(1, x.Rank - 2)]);
}
