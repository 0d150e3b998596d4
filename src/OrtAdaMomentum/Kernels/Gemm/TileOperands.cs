namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>What a tile multiplies.</summary>
internal unsafe struct TileOperands
{
    /// <summary>The left operand: the rows of a tile lie side by side.</summary>
    public float* Left;

    /// <summary>Floats from one step of the depth to the next within a run.</summary>
    public nint LeftStep;

    /// <summary>Where each run begins, counted from <see cref="Left"/>. Runs let the left operand be read from images with padding.</summary>
    public nint* RunOffsets;

    /// <summary>Number of runs.</summary>
    public nint Runs;

    /// <summary>Steps of each run.</summary>
    public nint Depth;

    /// <summary>The right operand: for each step of each run as many floats as the tile is wide, without gaps.</summary>
    public float* Right;
}
