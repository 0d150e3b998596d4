using System.Runtime.CompilerServices;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// Copies of planes with zeros around them, so that a window never has to look where the edge is. With strides, rows and columns are sorted
/// by their remainder: what a tap sees from one window to the next then lies side by side.
/// </summary>
internal unsafe struct PaddedPlanes
{
    /// <summary>The first plane.</summary>
    public float* From;

    /// <summary>The first copy.</summary>
    public float* To;

    /// <summary>Number of planes.</summary>
    public int Count;

    /// <summary>Rows of a plane.</summary>
    public int Height;

    /// <summary>Columns of a plane.</summary>
    public int Width;

    /// <summary>Rows of zeros above; below zero, rows cut off.</summary>
    public int Top;

    /// <summary>Columns of zeros on the left; below zero, columns cut off.</summary>
    public int Left;

    /// <summary>Rows of a copy.</summary>
    public int PaddedHeight;

    /// <summary>Columns of a copy.</summary>
    public int PaddedWidth;

    /// <summary>Rows from a window to the next.</summary>
    public int StrideHeight;

    /// <summary>Columns from a window to the next.</summary>
    public int StrideWidth;

    /// <summary>Whether the planes can be used as they are.</summary>
    public readonly bool IsPlain =>
        Top == 0 && Left == 0 && StrideHeight == 1 && StrideWidth == 1 && PaddedHeight <= Height && PaddedWidth <= Width;

    /// <summary>Floats from a row of windows to the next.</summary>
    public readonly nint Pitch => IsPlain ? Width : (nint)StrideWidth * PhaseWidth;

    /// <summary>Floats of a copy.</summary>
    public readonly nint PlaneLength => IsPlain ? (nint)Height * Width : StrideHeight * PhaseHeight * Pitch;

    private readonly int PhaseHeight => (PaddedHeight + StrideHeight - 1) / StrideHeight;

    private readonly int PhaseWidth => (PaddedWidth + StrideWidth - 1) / StrideWidth;

    /// <summary>Where a row and column of the padded plane lies.</summary>
    public readonly nint Offset(int row, int column) => IsPlain
        ? ((nint)row * Width) + column
        : ((((row % StrideHeight) * PhaseHeight) + (row / StrideHeight)) * Pitch) + ((column % StrideWidth) * PhaseWidth) + (column / StrideWidth);

    /// <summary>Copies all planes, and gives the address of the first one that can be used.</summary>
    public static float* Copy(in PaddedPlanes planes, KernelThreads threads)
    {
        if (planes.IsPlain)
            return planes.From;
        PaddedPlanes state = planes;
        threads.For(planes.Count, &Piece, &state);
        return planes.To;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Piece(void* state, int plane)
    {
        PaddedPlanes planes = *(PaddedPlanes*)state;
        float* from = planes.From + ((nint)plane * planes.Height * planes.Width);
        float* to = planes.To + (plane * planes.PlaneLength);
        for (int phase = 0; phase < planes.StrideHeight; phase++)
        {
            for (int row = 0; row < planes.PhaseHeight; row++, to += planes.Pitch)
            {
                int source = (row * planes.StrideHeight) + phase - planes.Top;
                if (source < 0 || source >= planes.Height)
                    new Span<float>(to, (int)planes.Pitch).Clear();
                else
                    Row(planes, from + ((nint)source * planes.Width), to);
            }
        }
    }

    private static void Row(in PaddedPlanes planes, float* from, float* to)
    {
        int stride = planes.StrideWidth, length = planes.PhaseWidth;
        for (int phase = 0; phase < stride; phase++, to += length)
        {
            int first = phase - planes.Left;
            int begin = Math.Clamp(first >= 0 ? 0 : (stride - 1 - first) / stride, 0, length);
            int end = Math.Clamp(planes.Width <= first ? 0 : (planes.Width - first + stride - 1) / stride, begin, length);
            new Span<float>(to, begin).Clear();
            float* next = from + first + ((nint)begin * stride);
            if (stride == 1)
            {
                new ReadOnlySpan<float>(next, end - begin).CopyTo(new Span<float>(to + begin, end - begin));
            }
            else
            {
                for (int index = begin; index < end; index++, next += stride)
                    to[index] = *next;
            }

            new Span<float>(to + end, length - end).Clear();
        }
    }
}
