using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Gemm;

/// <summary>
/// Some neighbouring columns of a right operand, as wide as a tile, copied from the images as the product goes along: so no matrix of all
/// windows is ever written out.
/// </summary>
internal unsafe struct ColumnPanel
{
    /// <summary>Most columns of any panel.</summary>
    public const int Widest = 32;

    private fixed long _starts[Widest];
    private fixed int _lengths[Widest];
    private int _segments;

    // Length of all stretches where they are alike, else 0.
    private int _each;

    /// <summary>Columns that exist; those after them are zero.</summary>
    public int Count { get; private set; }

    /// <summary>Image of the first column.</summary>
    public int Image { get; private set; }

    /// <summary>Place of the first column in its image.</summary>
    public int Place { get; private set; }

    /// <summary>Moves to other columns: finds the stretches of the source in which they lie one after another.</summary>
    public void MoveTo(in PanelProduct product, long column, int width)
    {
        Count = (int)Math.Min(width, product.Columns - column);
        (Image, Place) = ((int)(column / product.Places), (int)(column % product.Places));
        _segments = 0;
        int image = Image, row = Place / product.GridWidth, inRow = Place % product.GridWidth;
        for (int done = 0; done < Count;)
        {
            int length = Math.Min(product.GridWidth - inRow, Count - done);
            _starts[_segments] = (image * product.SourceImageStride) + (row * product.SourceRowStride) + (inRow * product.SourceColumnStride);
            _lengths[_segments++] = length;
            done += length;
            inRow = 0;
            if (++row == product.GridHeight)
                (row, image) = (0, image + 1);
        }

        bool alike = Count == width && _lengths[0] == product.GridWidth && width % product.GridWidth == 0;
        _each = alike && product.SourceColumnStride == 1 ? product.GridWidth : 0;
    }

    /// <summary>Copies a stretch of the depth.</summary>
    /// <param name="product">The product.</param>
    /// <param name="group">Group of channels.</param>
    /// <param name="begin">First step of the depth.</param>
    /// <param name="count">Steps of the depth.</param>
    /// <param name="to">As many floats for each step as a tile is wide.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Pack<T>(in PanelProduct product, int group, int begin, int count, float* to)
        where T : struct, ILanes<T>
    {
        int width = Tile.Width<T>(), taps = product.Taps, tap = begin % taps, segments = _segments;
        nint columnStride = product.SourceColumnStride, channelStride = product.SourceChannelStride;
        if (taps == 1 && channelStride == 1 && segments == 1)
        {
            float* turned = product.Source + (group * product.SourceGroupStride) + _starts[0] + product.TapOffsets[0] + begin;
            RightPanels.PackTurned<T>(turned, columnStride, Count, count, to);
            return;
        }

        nint* offsets = product.TapOffsets;
        float* channel = product.Source + (group * product.SourceGroupStride) + (begin / taps * channelStride);
        bool whole = segments == 1 && Count == width && columnStride == 1;
        for (int step = 0; step < count; step++, to += width)
        {
            float* from = channel + offsets[tap];
            if (++tap == taps)
            {
                tap = 0;
                channel += channelStride;
            }

            if (whole)
            {
                from += _starts[0];
                T.Load(from).Store(to);
                T.Load(from + T.Count).Store(to + T.Count);
                continue;
            }

            float* next = to;
            if (_each == Vector128<float>.Count)
            {
                for (int segment = 0; segment < segments; segment++, next += Vector128<float>.Count)
                    Vector128.Load(from + _starts[segment]).Store(next);
                continue;
            }

            if (_each == Vector256<float>.Count)
            {
                for (int segment = 0; segment < segments; segment++, next += Vector256<float>.Count)
                    Vector256.Load(from + _starts[segment]).Store(next);
                continue;
            }

            for (int segment = 0; segment < segments; segment++)
            {
                int length = _lengths[segment];
                if (columnStride == 1)
                    Copy<T>(from + _starts[segment], next, length);
                else
                    Gather(from + _starts[segment], columnStride, next, length);
                next += length;
            }

            for (; next < to + width; next++)
                *next = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Copy<T>(float* from, float* to, int length)
        where T : struct, ILanes<T>
    {
        for (; length >= T.Count; length -= T.Count, from += T.Count, to += T.Count)
            T.Load(from).Store(to);
        if (T.Count > Vector256<float>.Count && length >= Vector256<float>.Count)
        {
            Vector256.Load(from).Store(to);
            length -= Vector256<float>.Count;
            from += Vector256<float>.Count;
            to += Vector256<float>.Count;
        }

        if (T.Count > Vector128<float>.Count && length >= Vector128<float>.Count)
        {
            Vector128.Load(from).Store(to);
            length -= Vector128<float>.Count;
            from += Vector128<float>.Count;
            to += Vector128<float>.Count;
        }

        for (; length > 0; length--)
            *to++ = *from++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gather(float* from, nint stride, float* to, int length)
    {
        for (; length > 0; length--, from += stride)
            *to++ = *from;
    }
}
