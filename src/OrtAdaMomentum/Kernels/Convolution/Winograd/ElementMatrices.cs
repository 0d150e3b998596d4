namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>
/// The elements of transformed patches or filters: 16 matrices, since elements at the same place of a patch are multiplied with each other.
/// The columns of a matrix stand for channels and lie in panels, one after another: a panel has all rows of some neighbouring columns.
/// </summary>
internal unsafe struct ElementMatrices
{
    /// <summary>The first panel of the first matrix.</summary>
    public float* First;

    /// <summary>Matrices of a number of rows and columns.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns; there may be more than that in the last panel.</param>
    /// <param name="width">Columns of a panel.</param>
    public ElementMatrices(int rows, int columns, int width)
    {
        // Not all matrices at the same places of the nearest cache.
        const int Apart = 32;
        Width = width;
        Panels = (columns + width - 1) / width;
        PanelLength = (nint)rows * width;
        Stride = Scratch.Round(Panels * PanelLength) + Apart;
    }

    /// <summary>Columns of a panel: floats from a row to the next.</summary>
    public int Width { get; }

    /// <summary>Panels of a matrix.</summary>
    public int Panels { get; }

    /// <summary>Floats from a panel to the next.</summary>
    public nint PanelLength { get; }

    /// <summary>Floats from a matrix to the next.</summary>
    public nint Stride { get; }

    /// <summary>Floats that the matrices take.</summary>
    public readonly nint Length => PatchGrid.Elements * Stride;

    /// <summary>The first row of a panel.</summary>
    public readonly float* Panel(int element, int panel) => First + (element * Stride) + (panel * PanelLength);

    /// <summary>A row of a column of the first matrix.</summary>
    public readonly float* At(int row, int column) => First + (column / Width * PanelLength) + ((nint)row * Width) + (column % Width);
}
