using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Kernels.Convolution.ImageLanes;

/// <summary>
/// Between images that lie one behind the other and images side by side. Side by side, a register holds the same place of as many images as
/// it has lanes, so that planes of any extent, windows and paddings never leave a lane empty.
/// </summary>
internal static unsafe class ImageTurn
{
    /// <summary>Floats of memory to work in.</summary>
    public static nint MemoryLength<T>()
        where T : struct, ILanes<T> => 3 * T.Count * T.Count;

    /// <summary>Lays images side by side.</summary>
    /// <param name="from">The first place of the first image.</param>
    /// <param name="imageStride">Floats from an image to the next.</param>
    /// <param name="images">Images, at most as many as there are lanes; the lanes of others become zero.</param>
    /// <param name="places">Neighbouring places of each image.</param>
    /// <param name="to">A register for each place.</param>
    /// <param name="memory">As long as <see cref="MemoryLength"/> says.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather<T>(float* from, nint imageStride, int images, int places, float* to, float* memory)
        where T : struct, ILanes<T>
    {
        float* rows = memory + (T.Count * T.Count);
        int place = 0;
        for (; images == T.Count && place <= places - T.Count; place += T.Count)
            Turn<T>(from + place, imageStride, to + ((nint)place * T.Count), T.Count, memory);
        for (; place < places; place += T.Count)
        {
            int count = Math.Min(T.Count, places - place);
            float* turned = rows + (T.Count * T.Count);
            for (int image = 0; image < T.Count; image++)
            {
                T row = image < images ? T.LoadFirst(from + (image * imageStride) + place, count) : T.Splat(0);
                row.Store(rows + (image * T.Count));
            }

            Turn<T>(rows, T.Count, turned, T.Count, memory);
            for (int index = 0; index < count; index++)
                T.Load(turned + (index * T.Count)).Store(to + ((nint)(place + index) * T.Count));
        }
    }

    /// <summary>Lays images that are side by side one behind the other.</summary>
    /// <param name="from">A register for each place; as many as a register has lanes may be read behind the last one.</param>
    /// <param name="places">Neighbouring places of each image.</param>
    /// <param name="to">The first place of the first image.</param>
    /// <param name="imageStride">Floats from an image to the next.</param>
    /// <param name="images">Images, at most as many as there are lanes.</param>
    /// <param name="memory">As long as <see cref="MemoryLength"/> says.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scatter<T>(float* from, int places, float* to, nint imageStride, int images, float* memory)
        where T : struct, ILanes<T>
    {
        float* rows = memory + (T.Count * T.Count);
        int place = 0;
        for (; images == T.Count && place <= places - T.Count; place += T.Count)
            Turn<T>(from + ((nint)place * T.Count), T.Count, to + place, imageStride, memory);
        for (; place < places; place += T.Count)
        {
            int count = Math.Min(T.Count, places - place);
            Turn<T>(from + ((nint)place * T.Count), T.Count, rows, T.Count, memory);
            for (int image = 0; image < images; image++)
                T.Load(rows + (image * T.Count)).StoreFirst(to + (image * imageStride) + place, count);
        }
    }

    /// <summary>
    /// Turns a square of registers. A round makes of two neighbouring registers one of their even lanes and one of their odd lanes: the
    /// lowest digit of the row becomes the highest of the column, and the lowest of the column the highest of the row.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn<T>(float* from, nint fromStride, float* to, nint toStride, float* memory)
        where T : struct, ILanes<T>
    {
        if (T.Count == 16)
        {
            TwoRounds<T>(from, fromStride, memory, T.Count);
            TwoRounds<T>(memory, T.Count, to, toStride);
        }
        else if (T.Count == 8)
        {
            TwoRounds<T>(from, fromStride, memory, T.Count);
            OneRound<T>(memory, T.Count, to, toStride);
        }
        else if (T.Count == 4)
        {
            TwoRounds<T>(from, fromStride, to, toStride);
        }
        else
        {
            *to = *from;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TwoRounds<T>(float* from, nint fromStride, float* to, nint toStride)
        where T : struct, ILanes<T>
    {
        nint quarter = T.Count / 4 * toStride;
        for (int row = 0; row < T.Count; row += 4, from += 4 * fromStride, to += toStride)
        {
            T first = T.Load(from), second = T.Load(from + fromStride);
            T third = T.Load(from + (2 * fromStride)), fourth = T.Load(from + (3 * fromStride));
            T even = T.Even(first, second), nextEven = T.Even(third, fourth);
            T odd = T.Odd(first, second), nextOdd = T.Odd(third, fourth);
            T.Even(even, nextEven).Store(to);
            T.Even(odd, nextOdd).Store(to + quarter);
            T.Odd(even, nextEven).Store(to + (2 * quarter));
            T.Odd(odd, nextOdd).Store(to + (3 * quarter));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OneRound<T>(float* from, nint fromStride, float* to, nint toStride)
        where T : struct, ILanes<T>
    {
        for (int row = 0; row < T.Count; row += 2, from += 2 * fromStride, to += toStride)
        {
            T first = T.Load(from), second = T.Load(from + fromStride);
            T.Even(first, second).Store(to);
            T.Odd(first, second).Store(to + (T.Count / 2 * toStride));
        }
    }
}
