namespace OrtAdaMomentum.Training;

/// <summary>
/// Random numbers of SplitMix64 (Steele, Lea and Flood 2014). <see cref="Random"/> may change between versions of .NET, and what is drawn here
/// has to be drawn again after an update.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A uniform number below a bound (Lemire's multiplication, with rejection of the uneven rest).</summary>
    public int Below(uint bound)
    {
        uint rest = (0u - bound) % bound;
        while (true)
        {
            _state += 0x9E3779B97F4A7C15;
            ulong product = (Mix(_state) >> 32) * bound;
            if ((uint)product >= rest)
                return (int)(product >> 32);
        }
    }

    /// <summary>The finaliser, which spreads a change of one bit over all.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
