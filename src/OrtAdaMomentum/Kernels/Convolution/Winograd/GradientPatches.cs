using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>A y Aᵀ of patches y of 2x2 output gradients: the adjoint of <see cref="OutputPatches"/>.</summary>
internal static unsafe class GradientPatches
{
    /// <summary>Transforms rows of patches.</summary>
    /// <param name="rows">The output gradients, two rows kept.</param>
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
            int image = row / grid.Rows, top = row % grid.Rows * PatchGrid.Outputs;
            for (int turned = 0; turned < PatchGrid.Outputs; turned++)
                rows.Turn(image, top + turned);
            for (int channel = 0; channel < rows.Pitch; channel += T.Count)
            {
                Row<T>(
                    rows[top] + channel, rows[top + 1] + channel, rows.Pitch, grid.Columns, to.At(patch, channel), to.Width, to.Stride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(float* row0, float* row1, nint pitch, int patches, float* to, nint step, nint matrix)
        where T : struct, ILanes<T>
    {
        for (int patch = 0; patch < patches; patch++, row0 += 2 * pitch, row1 += 2 * pitch, to += step)
        {
            T a = T.Load(row0), b = T.Load(row0 + pitch), c = T.Load(row1), d = T.Load(row1 + pitch);
            Store(a, b, to, matrix);
            Store(a + c, b + d, to + (4 * matrix), matrix);
            Store(a - c, b - d, to + (8 * matrix), matrix);
            Store(T.Splat(0f) - c, T.Splat(0f) - d, to + (12 * matrix), matrix);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(T a, T b, float* to, nint matrix)
        where T : struct, ILanes<T>
    {
        a.Store(to);
        (a + b).Store(to + matrix);
        (a - b).Store(to + (2 * matrix));
        (T.Splat(0f) - b).Store(to + (3 * matrix));
    }
}
