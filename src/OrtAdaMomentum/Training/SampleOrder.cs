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
        var random = new SplitMix64(SplitMix64.Mix(seed ^ SplitMix64.Mix((ulong)epoch + 1)));
        for (int last = count - 1; last > 0; last--)
        {
            int other = random.Below((uint)last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }

        return order;
    }
}
