namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>
/// A product whose right operand is seen through a window over images: each column is one place of the window, and its depth runs over
/// channels and over the taps that the window has in a channel. A plain matrix is the case of one image, one row of places and one tap.
/// </summary>
internal unsafe struct PanelProduct
{
    /// <summary>The left operands, packed by <see cref="RowPanels"/>.</summary>
    public float* Rows;

    /// <summary>Floats from the left operand of a group to that of the next.</summary>
    public nint RowsGroupStride;

    /// <summary>Number of groups, each a product of its own.</summary>
    public int Groups;

    /// <summary>Rows of each group.</summary>
    public int RowCount;

    /// <summary>Channels of each group.</summary>
    public int Channels;

    /// <summary>Taps of each channel.</summary>
    public int Taps;

    /// <summary>Where each tap lies, from the first one.</summary>
    public nint* TapOffsets;

    /// <summary>The first place of the first image.</summary>
    public float* Source;

    /// <summary>Floats of the source from a group to the next.</summary>
    public nint SourceGroupStride;

    /// <summary>Floats of the source from an image to the next.</summary>
    public nint SourceImageStride;

    /// <summary>Floats of the source from a channel to the next.</summary>
    public nint SourceChannelStride;

    /// <summary>Floats of the source from a row of places to the next.</summary>
    public nint SourceRowStride;

    /// <summary>Floats of the source from a place of a row to the next; 1 is fast.</summary>
    public nint SourceColumnStride;

    /// <summary>Number of images.</summary>
    public int Images;

    /// <summary>Rows of places in an image.</summary>
    public int GridHeight;

    /// <summary>Places in a row.</summary>
    public int GridWidth;

    /// <summary>The result: the places of an image without gaps, for each row of the left operand.</summary>
    public float* Result;

    /// <summary>Floats of the result from a group to the next.</summary>
    public nint ResultGroupStride;

    /// <summary>Floats of the result from an image to the next.</summary>
    public nint ResultImageStride;

    /// <summary>Floats of the result from a row to the next.</summary>
    public nint ResultRowStride;

    /// <summary>What is added to each row of each group, or null.</summary>
    public float* Bias;

    /// <summary>Whether to add to what the result holds.</summary>
    public bool Add;

    /// <summary>Places of an image.</summary>
    public readonly int Places => GridHeight * GridWidth;

    /// <summary>Columns of each group.</summary>
    public readonly long Columns => (long)Images * Places;

    /// <summary>Depth of the product.</summary>
    public readonly int Depth => Channels * Taps;
}
