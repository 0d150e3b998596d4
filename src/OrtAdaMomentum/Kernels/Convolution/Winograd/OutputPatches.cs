using System.Runtime.CompilerServices;
using OrtAdaMomentum.Kernels.Gemm;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.Winograd;

/// <summary>Aᵀ m A of transformed patches m (Lavin and Gray 2015, section 4.1): 2x2 outputs, put back into planes.</summary>
internal unsafe struct OutputPatches
{
    /// <summary>The first output plane of the first image.</summary>
    public float* Planes;

    /// <summary>Planes of an image.</summary>
    public int Channels;

    /// <summary>Rows of a plane.</summary>
    public int Height;

    /// <summary>Columns of a plane.</summary>
    public int Width;

    /// <summary>A number for each channel, or null.</summary>
    public float* Bias;

    /// <summary>The patches.</summary>
    public PatchGrid Grid;

    /// <summary>Floats that two rows of outputs take.</summary>
    /// <param name="channels">Channels, filled up to whole registers.</param>
    public readonly nint LinesLength(int channels) => (nint)PatchGrid.Outputs * PatchGrid.Outputs * Grid.Columns * channels;

    /// <summary>Writes rows of patches of some channels.</summary>
    /// <param name="first">First row of patches, counted through all images.</param>
    /// <param name="end">The row behind the last one.</param>
    /// <param name="channel">First channel.</param>
    /// <param name="from">A row for each patch, a column for each channel.</param>
    /// <param name="lines">Memory for two rows of outputs.</param>
    public readonly void Transform<T>(int first, int end, int channel, in ElementMatrices from, float* lines)
        where T : struct, ILanes<T>
    {
        int pitch = from.Panels * from.Width, count = Math.Min(pitch, Channels - channel), columns = Grid.Columns * PatchGrid.Outputs;
        nint plane = (nint)Height * Width;
        for (int row = first, patch = 0; row < end; row++, patch += Grid.Columns)
        {
            for (int lane = 0; lane < count; lane += T.Count)
            {
                T bias = Bias == null ? T.Splat(0f) : T.LoadFirst(Bias + channel + lane, Math.Min(T.Count, count - lane));
                Row(from.At(patch, lane), from.Width, from.Stride, bias, Grid.Columns, lines + lane, pitch);
            }

            int image = row / Grid.Rows, top = row % Grid.Rows * PatchGrid.Outputs, height = Math.Min(PatchGrid.Outputs, Height - top);
            float* to = Planes + ((((nint)image * Channels) + channel) * plane) + ((nint)top * Width);
            if (columns == Width)
            {
                MatrixTranspose.RunApart(lines, pitch, height * Width, count, to, plane);
                continue;
            }

            for (int line = 0; line < height; line++)
                MatrixTranspose.RunApart(lines + ((nint)line * columns * pitch), pitch, Width, count, to + ((nint)line * Width), plane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<T>(float* from, nint step, nint matrix, T bias, int patches, float* to, nint pitch)
        where T : struct, ILanes<T>
    {
        nint line = 2 * patches * pitch;
        for (int patch = 0; patch < patches; patch++, from += step, to += 2 * pitch)
        {
            Column<T> a = new(from, 4 * matrix), b = new(from + matrix, 4 * matrix);
            Column<T> c = new(from + (2 * matrix), 4 * matrix), d = new(from + (3 * matrix), 4 * matrix);
            (a.Element0 + b.Element0 + (c.Element0 + bias)).Store(to);
            (b.Element0 - c.Element0 - (d.Element0 - bias)).Store(to + pitch);
            (a.Element1 + b.Element1 + (c.Element1 + bias)).Store(to + line);
            (b.Element1 - c.Element1 - (d.Element1 - bias)).Store(to + line + pitch);
        }
    }

    /// <summary>Aᵀ times a column of a patch.</summary>
    private readonly struct Column<T>
        where T : struct, ILanes<T>
    {
        public readonly T Element0;
        public readonly T Element1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Column(float* from, nint row)
        {
            T b = T.Load(from + row), c = T.Load(from + (2 * row));
            Element0 = T.Load(from) + (b + c);
            Element1 = b - c - T.Load(from + (3 * row));
        }
    }
}
