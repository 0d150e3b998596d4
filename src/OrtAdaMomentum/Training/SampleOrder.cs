namespace OrtAdaMomentum.Training;

/// <summary>
/// The order of samples in an epoch, a function of seed and epoch alone, so that training resumes anywhere with nothing but two numbers.
/// </summary>
internal static class SampleOrder
{
    /// <summary>A permutation of 0 up to <paramref name="count"/> (Fisher and Yates' shuffle).</summary>
    public static int[] Permutation(int count, ulong seed, int epoch)
    {
        var order = new int[count];
        for (int index = 0; index < count; index++)
            order[index] = index;
        ulong state = Mix(seed ^ Mix((ulong)epoch + 1));
        for (int last = count - 1; last > 0; last--)
        {
            int other = Below(ref state, (uint)last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }

    /// <summary>A uniform number below a bound (Lemire's multiplication, with rejection of the uneven rest).</summary>
    private static int Below(ref ulong state, uint bound)
    {
        uint rest = (0u - bound) % bound;
        while (true)
        {
            state += 0x9E3779B97F4A7C15;
            ulong product = (Mix(state) >> 32) * bound;
            if ((uint)product >= rest)
                return (int)(product >> 32);
        }
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
