using OrtAdaMomentum.Kernels.Gemm;

namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>
/// A few rows of an image with zeros around it, turned so that the channels of an element lie side by side: a register then holds channels,
/// however small the image is. A row takes the place of the one that lies <see cref="Kept"/> rows above.
/// </summary>
internal unsafe struct ChannelRows
{
    /// <summary>The first plane of the first image.</summary>
    public float* Planes;

    /// <summary>Planes of an image.</summary>
    public int Channels;

    /// <summary>Rows of a plane.</summary>
    public int Height;

    /// <summary>Columns of a plane.</summary>
    public int Width;

    /// <summary>Rows of zeros above, 0 or more.</summary>
    public int Top;

    /// <summary>Columns of zeros on the left, fewer than there are columns.</summary>
    public int Left;

    /// <summary>Columns of a turned row, zeros included.</summary>
    public int Columns;

    /// <summary>Rows kept, a power of two.</summary>
    public int Kept;

    /// <summary>Floats from a column to the next: the channels, and zeros that fill up the last register.</summary>
    public int Pitch;

    /// <summary>Where the turned rows lie.</summary>
    public float* Memory;

    /// <summary>Floats that the rows take.</summary>
    public readonly nint Length => (nint)Kept * Columns * Pitch;

    /// <summary>Where a row lies, counted with the zeros above.</summary>
    public readonly float* this[int row] => Memory + ((nint)(row & (Kept - 1)) * Columns * Pitch);

    /// <summary>Writes the zeros around, which every later row leaves in place.</summary>
    public readonly void Clear() => new Span<float>(Memory, (int)Length).Clear();

    /// <summary>Turns a row, counted with the zeros above.</summary>
    public readonly void Turn(int image, int row)
    {
        float* to = this[row] + ((nint)Left * Pitch);
        int inside = Math.Min(Width, Columns - Left), source = row - Top;
        nint plane = (nint)Height * Width;
        if (source < 0 || source >= Height)
            new Span<float>(to, inside * Pitch).Clear();
        else
            MatrixTranspose.Run(Planes + (image * Channels * plane) + ((nint)source * Width), plane, Channels, inside, to, Pitch);
    }
}
