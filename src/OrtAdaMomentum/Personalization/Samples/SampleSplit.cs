using System.IO.Hashing;
using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Decides which samples are held out, by their subject or key alone: the same sample gets the same role on every machine and at any time.
/// </summary>
internal static class SampleSplit
{
    // Not zero, so that keys which are themselves unseeded hashes of the same kind are spread independently.
    private const long HashSeed = 0x5EED_5A17;

    /// <summary>The role of a sample: that of its subject where it has one.</summary>
    public static SampleRole RoleOf(Sample sample, double heldOutShare) => RoleOf(sample.Subject ?? sample.Key, heldOutShare);

    public static SampleRole RoleOf(string key, double heldOutShare)
    {
        ulong hash = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key), HashSeed);
        double place = (hash >> 11) * (1.0 / (1UL << 53));
        return place < heldOutShare ? SampleRole.HeldOut : SampleRole.Training;
    }
}
