using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// A copy of one plane with zeros around it, small enough to stay near. At stride 2 it is four planes, one for each remainder of row and
/// column: what a tap sees from one window to the next, and from one row of windows to the next, then lies in one run.
/// </summary>
internal unsafe struct DepthwisePlane
{
    /// <summary>Floats behind each plane that may be read, and are zero.</summary>
    public const int Slack = 32;

    /// <summary>The copy.</summary>
    public float* To;

    /// <summary>Rows of a plane.</summary>
    public int Height;

    /// <summary>Columns of a plane.</summary>
    public int Width;

    /// <summary>Rows of zeros above, 0 or more.</summary>
    public int Top;

    /// <summary>Columns of zeros on the left, 0 or more.</summary>
    public int Left;

    /// <summary>1 or 2, the same for rows and columns.</summary>
    public int Stride;

    /// <summary>Rows of a copied plane.</summary>
    public int Rows;

    /// <summary>Columns of a copied plane.</summary>
    public int Pitch;

    /// <summary>Floats of one of the copied planes.</summary>
    public readonly nint PhaseLength => Scratch.Round(((nint)Rows * Pitch) + Slack);

    /// <summary>Floats of all copied planes.</summary>
    public readonly nint Length => Stride * Stride * PhaseLength;

    /// <summary>Where the first window looks with a row of taps.</summary>
    public readonly nint RowOffset(int tap) => (tap % Stride * Stride * PhaseLength) + ((nint)(tap / Stride) * Pitch);

    /// <summary>What a column of taps adds.</summary>
    public readonly nint ColumnOffset(int tap) => (tap % Stride * PhaseLength) + (tap / Stride);

    /// <summary>Writes the zeros, which every later copy leaves in place.</summary>
    public readonly void Clear() => new Span<float>(To, (int)Length).Clear();

    /// <summary>Copies a plane.</summary>
    /// <param name="from">Its first element.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Copy<T>(float* from)
        where T : struct, ILanes<T>
    {
        int rows = Math.Min(Height, (Rows * Stride) - Top), columns = Math.Min(Width, (Pitch * Stride) - Left);
        if (columns <= 0)
            return;
        nint first = ColumnOffset(Left), second = Stride == 1 ? 0 : ColumnOffset(Left + 1);
        for (int row = 0; row < rows; row++, from += Width)
        {
            float* to = To + RowOffset(row + Top);
            if (Stride == 1)
                CopyRow<T>(from, to + first, columns);
            else
                SortRow<T>(from, to + first, to + second, columns);
        }
    }

    /// <summary>Whole registers are written: behind the row with zeros, where zeros stay or where a later row comes.</summary>
    private static void CopyRow<T>(float* from, float* to, int length)
        where T : struct, ILanes<T>
    {
        int index = 0;
        for (; index <= length - T.Count; index += T.Count)
            T.Load(from + index).Store(to + index);
        if (index < length)
            T.LoadFirst(from + index, length - index).Store(to + index);
    }

    private static void SortRow<T>(float* from, float* even, float* odd, int length)
        where T : struct, ILanes<T>
    {
        int index = 0;
        for (; index < length; index += 2 * T.Count, even += T.Count, odd += T.Count)
        {
            int left = length - index;
            T low = T.LoadFirst(from + index, Math.Min(left, T.Count));
            T high = T.LoadFirst(from + index + T.Count, Math.Clamp(left - T.Count, 0, T.Count));
            T.Even(low, high).Store(even);
            T.Odd(low, high).Store(odd);
        }
    }
}
