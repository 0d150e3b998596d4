using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>Planes of some images, one behind the other, of which a part is laid side by side or comes back from there.</summary>
internal unsafe struct LanePlanes
{
    /// <summary>The first plane of the first image.</summary>
    public float* Planes;

    /// <summary>Number of planes.</summary>
    public int Channels;

    /// <summary>Floats from an image to the next.</summary>
    public nint ImageStride;

    /// <summary>Rows of a plane.</summary>
    public int Height;

    /// <summary>Columns of a plane.</summary>
    public int Width;

    /// <summary>Images, at most as many as there are lanes.</summary>
    public int Images;

    /// <summary>Where they lie side by side: a register for each place.</summary>
    public float* Side;

    /// <summary>Floats from a channel to the next where they lie side by side.</summary>
    public nint SideStride;

    /// <summary>Memory for <see cref="ImageTurn"/>.</summary>
    public float* Memory;

    /// <summary>Lays rows side by side.</summary>
    /// <param name="firstRow">The first of them.</param>
    /// <param name="endRow">The row behind the last.</param>
    /// <param name="firstColumn">The first column; below 0 there is padding.</param>
    /// <param name="columns">Columns, padding included.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Gather<T>(int firstRow, int endRow, int firstColumn, int columns)
        where T : struct, ILanes<T>
    {
        int left = Math.Clamp(-firstColumn, 0, columns), inside = Math.Clamp(Width - firstColumn, left, columns) - left;
        float* from = Planes + ((nint)firstRow * Width) + firstColumn + left;
        for (int channel = 0; channel < Channels; channel++, from += (nint)Height * Width)
        {
            float* to = Side + (channel * SideStride), row = from;
            if (inside == Width && inside == columns)
            {
                ImageTurn.Gather<T>(row, ImageStride, Images, (endRow - firstRow) * Width, to, Memory);
                continue;
            }

            if (inside == Width)
            {
                // All rows at once, behind where they belong: none is then written over before it is taken there.
                float* rows = to + ((nint)(endRow - firstRow) * (columns - Width) * T.Count);
                ImageTurn.Gather<T>(row, ImageStride, Images, (endRow - firstRow) * Width, rows, Memory);
                for (int index = firstRow; index < endRow; index++, rows += (nint)Width * T.Count)
                {
                    Clear<T>(to, left);
                    Move<T>(rows, to + ((nint)left * T.Count), Width);
                    Clear<T>(to + ((nint)(left + inside) * T.Count), columns - left - inside);
                    to += (nint)columns * T.Count;
                }

                continue;
            }

            for (int index = firstRow; index < endRow; index++, row += Width)
            {
                Clear<T>(to, left);
                ImageTurn.Gather<T>(row, ImageStride, Images, inside, to + ((nint)left * T.Count), Memory);
                Clear<T>(to + ((nint)(left + inside) * T.Count), columns - left - inside);
                to += (nint)columns * T.Count;
            }
        }
    }

    /// <summary>Brings a block of results back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Scatter<T>(in PlaneBlock block)
        where T : struct, ILanes<T>
    {
        float* to = Planes + ((nint)block.FirstRow * Width) + block.FirstColumn;
        for (int channel = 0; channel < Channels; channel++, to += (nint)Height * Width)
        {
            float* from = Side + (channel * SideStride), row = to;
            if (block.Columns == Width)
            {
                ImageTurn.Scatter<T>(from, (block.EndRow - block.FirstRow) * Width, row, ImageStride, Images, Memory);
                continue;
            }

            for (int index = block.FirstRow; index < block.EndRow; index++, row += Width, from += (nint)block.Columns * T.Count)
                ImageTurn.Scatter<T>(from, block.Columns, row, ImageStride, Images, Memory);
        }
    }

    private static void Clear<T>(float* to, int places)
        where T : struct, ILanes<T> => new Span<float>(to, Math.Max(0, places) * T.Count).Clear();

    private static void Move<T>(float* from, float* to, int places)
        where T : struct, ILanes<T>
    {
        for (nint place = 0; place < places; place++, from += T.Count, to += T.Count)
            T.Load(from).Store(to);
    }
}
