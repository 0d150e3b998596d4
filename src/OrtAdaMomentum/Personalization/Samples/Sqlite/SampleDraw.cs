using System.IO.Hashing;
using System.Text;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The number that a sample draws when it comes in. Keeping those of the highest numbers keeps each sample that ever came with the same probability, as
/// the reservoir of Vitter (1985) does, and goes on doing so when samples are removed in between.
/// </summary>
internal static class SampleDraw
{
    // Keys may be unseeded hashes of the same kind, and decide with another seed which samples are held out.
    private const long Seed = 0x0D_5A_3B_1C;

    /// <summary>A number from the key, so that the same samples are kept wherever the same samples come.</summary>
    public static long Of(string key, ulong seed = 0) => (long)(SplitMix64.Mix(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key), Seed) ^ SplitMix64.Mix(seed)) >> 1);
}
