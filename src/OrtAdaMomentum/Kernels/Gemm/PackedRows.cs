namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>The left operands of a product, one for each group: rows whose depth runs over channels and, within a channel, over taps.</summary>
internal unsafe struct PackedRows
{
    /// <summary>First row of the first group.</summary>
    public float* From;

    /// <summary>Floats from a group to the next.</summary>
    public nint GroupStride;

    /// <summary>Floats from a row to the next.</summary>
    public nint RowStride;

    /// <summary>Floats from a channel to the next.</summary>
    public nint ChannelStride;

    /// <summary>Where each tap lies within a channel.</summary>
    public nint* TapOffsets;

    /// <summary>Number of groups.</summary>
    public int Groups;

    /// <summary>Rows of a group.</summary>
    public int Count;

    /// <summary>Channels of a row.</summary>
    public int Channels;

    /// <summary>Taps of a channel.</summary>
    public int Taps;

    /// <summary>Where the panels go.</summary>
    public float* To;

    /// <summary>Floats from the panels of a group to those of the next.</summary>
    public nint ToGroupStride;
}
