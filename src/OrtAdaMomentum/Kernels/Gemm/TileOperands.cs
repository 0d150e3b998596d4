namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>What a tile multiplies.</summary>
internal unsafe struct TileOperands
{
    /// <summary>The left operand.</summary>
    public float* Left;

    /// <summary>Floats between an element of a row and that of the next; 0 where the rows of a tile lie side by side.</summary>
    public nint LeftGap;

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

    /// <summary>
    /// What is asked for ahead of its use, one place at each step; null for nothing. Of tiles that share a right operand, the first one reads
    /// it from far, and faster than it comes; the others have it near, and may fetch the next one meanwhile.
    /// </summary>
    public float* Ahead;

    /// <summary>Floats from a place asked for to the next, at most a line.</summary>
    public nint AheadStep;
}
