namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>
/// The patches that a convolution is cut into: each sees 4x4 inputs and gives 2x2 outputs, the last row and column of which may lie outside.
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

    /// <summary>Rows of patches whose transformed elements stay near, at least one.</summary>
    /// <param name="channels">Channels of a patch, those of the result included.</param>
    public int BlockRows(int channels) => Math.Clamp(BlockElements / (Elements * channels) / Columns, 1, AllRows);
}
