namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>
/// The patches that a convolution is cut into: each gives 2x2 outputs, of which the last row and column may lie outside, and sees 4x4 inputs.
/// Its 4x4 transformed elements are elements of 16 matrices.
/// </summary>
internal readonly struct PatchGrid(int images, int outputHeight, int outputWidth)
{
    /// <summary>Rows and columns of outputs of a patch.</summary>
    public const int Outputs = 2;

    /// <summary>Rows and columns of inputs of a patch.</summary>
    public const int Inputs = 4;

    /// <summary>Elements of a transformed patch.</summary>
    public const int Elements = Inputs * Inputs;

    // So many transformed elements stay in a second cache together with the filters that pass by.
    private const int BlockElements = 160 * 1024;
    private const int WantedBlocks = 8;
    private const int LeastPatches = 24;

    /// <summary>Rows of patches in an image.</summary>
    public int Rows { get; } = (outputHeight + Outputs - 1) / Outputs;

    /// <summary>Patches in a row.</summary>
    public int Columns { get; } = (outputWidth + Outputs - 1) / Outputs;

    /// <summary>Rows of patches in all images.</summary>
    public int AllRows => images * Rows;

    /// <summary>Patches in all images.</summary>
    public long Count => (long)AllRows * Columns;

    /// <summary>Columns of an image that the patches see.</summary>
    public int InputColumns => (Columns * Outputs) + Inputs - Outputs;

    /// <summary>
    /// Rows of patches that are transformed, multiplied and transformed back in one go: few enough to stay near and to give threads something
    /// to share, and enough of them for the filters that pass by.
    /// </summary>
    /// <param name="channels">Channels of a patch, those of the result included.</param>
    public int BlockRows(int channels)
    {
        int most = BlockElements / (Elements * channels) / Columns, shared = AllRows / WantedBlocks;
        return Math.Clamp(Math.Min(most, Math.Max(shared, LeastPatches / Columns)), 1, AllRows);
    }
}
