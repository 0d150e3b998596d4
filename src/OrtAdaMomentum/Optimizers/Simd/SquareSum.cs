using System.Runtime.CompilerServices;
using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Optimizers.Simd;

/// <summary>
/// Sum of squares of a range: 32 running sums, one for each place in a pair of 64-byte blocks, added up in a fixed order, so that the
/// result has the same bits at every vector width. It is finite exactly when every float is.
/// </summary>
internal static unsafe class SquareSum
{
    private const int Block = BufferLayout.BlockLength;

    /// <summary>Sums the squares.</summary>
    /// <param name="width">Vector width to use.</param>
    /// <param name="values">The first float.</param>
    /// <param name="length">How many floats; a multiple of 16.</param>
    public static double Of(VectorWidth width, float* values, int length) => width switch
    {
        VectorWidth.Bits512 => Of<Lanes16, Squares16>(values, length),
        VectorWidth.Bits256 => Of<Lanes8, Squares8>(values, length),
        VectorWidth.Bits128 => Of<Lanes4, Squares4>(values, length),
        _ => Of<Lanes1, Squares1>(values, length),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Of<TLanes, TSquares>(float* values, int length)
        where TLanes : struct, ILanes<TLanes>
        where TSquares : struct, ISquares<TSquares, TLanes>
    {
        double* sums = stackalloc double[Block];
        for (int place = 0; place < Block; place += TLanes.Count)
        {
            // Two chains of additions: one alone would wait for its own latency.
            TSquares even = default;
            TSquares odd = default;
            int i = place;
            for (; i + Block < length; i += 2 * Block)
            {
                even = even.Add(TLanes.Load(values + i));
                odd = odd.Add(TLanes.Load(values + i + Block));
            }

            if (i < length)
                even = even.Add(TLanes.Load(values + i));
            (even + odd).Store(sums + place);
        }

        double total = 0;
        for (int place = 0; place < Block; place++)
            total += sums[place];
        return total;
    }
}
