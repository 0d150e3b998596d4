namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>What a <see cref="FilterTile"/> adds up.</summary>
internal unsafe struct FilterTileOperands
{
    /// <summary>The first window of the first channel.</summary>
    public float* Gradient;

    /// <summary>Floats from a channel of the output gradient to the next.</summary>
    public nint GradientStride;

    /// <summary>Floats from a row of windows to the next.</summary>
    public nint GradientLine;

    /// <summary>What the windows see.</summary>
    public float* Source;

    /// <summary>Where each tap sees the first window, counted from <see cref="Source"/>.</summary>
    public nint* Offsets;

    /// <summary>Floats of the source from a window to the next.</summary>
    public nint SourceStep;

    /// <summary>Floats of the source from a row of windows to the next.</summary>
    public nint SourceLine;

    /// <summary>Windows of a row.</summary>
    public nint Places;

    /// <summary>Rows of windows.</summary>
    public nint Lines;
}
