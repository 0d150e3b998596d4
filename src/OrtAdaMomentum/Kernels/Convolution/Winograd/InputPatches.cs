using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>Bᵀ d B of patches d of 4x4 inputs (Lavin and Gray 2015, arXiv:1509.09308, section 4.1).</summary>
internal static unsafe class InputPatches
{
    /// <summary>Transforms rows of patches.</summary>
    /// <param name="rows">The images, four rows kept.</param>
    /// <param name="grid">The patches.</param>
    /// <param name="first">First row of patches, counted through all images.</param>
    /// <param name="end">The row behind the last one.</param>
    /// <param name="to">A row for each patch, a column for each channel.</param>
    /// <param name="patch">Row of the first patch.</param>
    public static void Transform<T>(in ChannelRows rows, in PatchGrid grid, int first, int end, in ElementMatrices to, int patch)
        where T : struct, ILanes<T>
    {
        rows.Clear();
        for (int row = first; row < end; row++, patch += grid.Columns)
        {
            // The row of patches before, in the same image, has seen the first two rows already.
            int image = row / grid.Rows, top = row % grid.Rows * PatchGrid.Outputs;
            int known = row > first && top > 0 ? PatchGrid.Inputs - PatchGrid.Outputs : 0;
            for (int turned = known; turned < PatchGrid.Inputs; turned++)
                rows.Turn(image, top + turned);
            for (int channel = 0; channel < rows.Pitch; channel += T.Count)
            {
                Row<T>(
                    rows[top] + channel, rows[top + 1] + channel, rows[top + 2] + channel, rows[top + 3] + channel, rows.Pitch,
                    grid.Columns, to.At(patch, channel), to.Width, to.Stride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(
        float* row0, float* row1, float* row2, float* row3, nint pitch, int patches, float* to, nint step, nint matrix)
        where T : struct, ILanes<T>
    {
        Column<T> left = new(row0, row1, row2, row3), next = new(row0 + pitch, row1 + pitch, row2 + pitch, row3 + pitch);
        for (int patch = 0; patch < patches; patch++, to += step)
        {
            row0 += 2 * pitch;
            row1 += 2 * pitch;
            row2 += 2 * pitch;
            row3 += 2 * pitch;
            Column<T> third = new(row0, row1, row2, row3), last = new(row0 + pitch, row1 + pitch, row2 + pitch, row3 + pitch);
            Store(left.Element0, next.Element0, third.Element0, last.Element0, to, matrix);
            Store(left.Element1, next.Element1, third.Element1, last.Element1, to + (4 * matrix), matrix);
            Store(left.Element2, next.Element2, third.Element2, last.Element2, to + (8 * matrix), matrix);
            Store(left.Element3, next.Element3, third.Element3, last.Element3, to + (12 * matrix), matrix);
            (left, next) = (third, last);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(T a, T b, T c, T d, float* to, nint matrix)
        where T : struct, ILanes<T>
    {
        (a - c).Store(to);
        (b + c).Store(to + matrix);
        (c - b).Store(to + (2 * matrix));
        (b - d).Store(to + (3 * matrix));
    }

    /// <summary>Bᵀ times a column of a patch. Two patches side by side share two columns.</summary>
    private readonly struct Column<T>
        where T : struct, ILanes<T>
    {
        public readonly T Element0;
        public readonly T Element1;
        public readonly T Element2;
        public readonly T Element3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Column(float* row0, float* row1, float* row2, float* row3)
        {
            T a = T.Load(row0), b = T.Load(row1), c = T.Load(row2), d = T.Load(row3);
            Element0 = a - c;
            Element1 = b + c;
            Element2 = c - b;
            Element3 = b - d;
        }
    }
}
