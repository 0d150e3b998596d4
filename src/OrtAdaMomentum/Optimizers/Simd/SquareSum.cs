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
    public static double Of(VectorWidth width, float* values, int length) => OfBoth(width, values, null, length).First;

    /// <summary>
    /// Sums the squares of two ranges of one length. A core waits less for two places of memory that lie far apart than for one.
    /// </summary>
    /// <param name="width">Vector width to use.</param>
    /// <param name="first">The first float of one range.</param>
    /// <param name="second">The first float of the other; null where there is none.</param>
    /// <param name="length">How many floats in each; a multiple of 16.</param>
    public static (double First, double Second) OfBoth(VectorWidth width, float* first, float* second, int length) => width switch
    {
        VectorWidth.Bits512 => Of<Lanes16, Squares16>(first, second, length),
        VectorWidth.Bits256 => Of<Lanes8, Squares8>(first, second, length),
        VectorWidth.Bits128 => Of<Lanes4, Squares4>(first, second, length),
        _ => Of<Lanes1, Squares1>(first, second, length),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double First, double Second) Of<TLanes, TSquares>(float* first, float* second, int length)
        where TLanes : struct, ILanes<TLanes>
        where TSquares : struct, ISquares<TSquares, TLanes>
    {
        double* sums = stackalloc double[2 * Block];
        for (int place = 0; place < Block; place += TLanes.Count)
        {
            // Two chains of additions for each range: one alone would wait for its own latency.
            TSquares even = default, odd = default, secondEven = default, secondOdd = default;
            int i = place;
            if (second is null)
            {
                for (; i + Block < length; i += 2 * Block)
                {
                    even = even.Add(first + i);
                    odd = odd.Add(first + i + Block);
                }
            }
            else
            {
                for (; i + Block < length; i += 2 * Block)
                {
                    even = even.Add(first + i);
                    odd = odd.Add(first + i + Block);
                    secondEven = secondEven.Add(second + i);
                    secondOdd = secondOdd.Add(second + i + Block);
                }
            }

            if (i < length)
            {
                even = even.Add(first + i);
                if (second is not null)
                    secondEven = secondEven.Add(second + i);
            }

            (even + odd).Store(sums + place);
            (secondEven + secondOdd).Store(sums + Block + place);
        }

        return (Total(sums), Total(sums + Block));
    }

    private static double Total(double* sums)
    {
        double total = 0;
        for (int place = 0; place < Block; place++)
            total += sums[place];
        return total;
    }
}
