using System.IO.Hashing;
using System.Text;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The held-out samples in two parts: those that choose the epoch, and those that the gate decides on. The least of several losses is too low a guess of
/// what the model does on other samples, so that the two must not be the same. A subject is in one part only.
/// </summary>
/// <param name="Choosing">The samples that choose.</param>
/// <param name="Deciding">The samples that decide.</param>
internal sealed record HeldOutSplit(IReadOnlyList<Sample> Choosing, IReadOnlyList<Sample> Deciding)
{
    // Another one than decides what is held out: a place below the share there must say nothing here.
    private const long HashSeed = 0x5EED_C400;

    public static HeldOutSplit Of(IReadOnlyList<Sample> heldOut, EarlyStoppingOptions options)
    {
        if (options.Patience == 0)
            return new HeldOutSplit(heldOut, heldOut);
        var (choosing, deciding) = PickedSamples.Split(heldOut, sample => Place(sample.Subject ?? sample.Key) < options.ChoosingShare);
        return new HeldOutSplit(choosing, deciding);
    }

    private static double Place(string group) =>
        (XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(group), HashSeed) >> 11) * (1.0 / (1UL << 53));
}
