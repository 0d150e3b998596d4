namespace OrtAdaMomentum.Simd;

/// <summary>
/// A register of floats. A kernel written once over this interface runs at every vector width, and since each operation is rounded as
/// IEEE 754 says, element by element, each width gives the same bits.
/// </summary>
/// <typeparam name="TSelf">The register type.</typeparam>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>How many floats the register holds.</summary>
    static abstract int Count { get; }

    static abstract TSelf Splat(float value);

    static abstract TSelf Load(float* from);

    void Store(float* to);

    /// <summary>The first <paramref name="count"/> floats, 0 up to all; nothing behind them is touched. The other lanes are zero.</summary>
    static abstract TSelf LoadFirst(float* from, int count);

    /// <summary>Writes the first <paramref name="count"/> lanes, 0 up to all, and nothing behind them.</summary>
    void StoreFirst(float* to, int count);

    /// <summary>Writes the lanes, which hold whole numbers, plus another one.</summary>
    void Store(long* to, long plus);

    /// <summary>The lanes at even places of the two, one behind the other.</summary>
    static abstract TSelf Even(TSelf low, TSelf high);

    /// <summary>The lanes at odd places of the two, one behind the other.</summary>
    static abstract TSelf Odd(TSelf low, TSelf high);

    /// <summary>All lanes added up, always in the same order.</summary>
    float Sum();

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a × b + c, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    static abstract TSelf Sqrt(TSelf value);

    /// <summary>The larger one; NaN where either is NaN.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The smaller one; NaN where either is NaN.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>At most the limit, which is a number; NaN stays NaN. It is one instruction where <see cref="Min"/> is several.</summary>
    static abstract TSelf AtMost(TSelf value, TSelf limit);

    /// <summary>At least the limit, which is a number; NaN stays NaN.</summary>
    static abstract TSelf AtLeast(TSelf value, TSelf limit);

    static abstract TSelf Abs(TSelf value);

    /// <summary>Where <paramref name="a"/> is greater than <paramref name="b"/> the first value, elsewhere, at NaN too, the second.</summary>
    static abstract TSelf WhereGreater(TSelf a, TSelf b, TSelf then, TSelf otherwise);

    /// <summary>Where the two are equal the first value, elsewhere, at NaN too, the second.</summary>
    static abstract TSelf WhereEqual(TSelf a, TSelf b, TSelf then, TSelf otherwise);

    /// <summary>The float whose sign and exponent are the lowest nine bits of each lane, with a mantissa of zeros: see <see cref="Exponential"/>.</summary>
    static abstract TSelf LowBitsAsExponent(TSelf value);

    /// <summary>Times 2 to the power of a whole number from -252 to 254, rounded once where the value is from 0.5 to 2.</summary>
    static abstract TSelf Scale(TSelf value, TSelf exponent);

    /// <summary>Limits the magnitude; NaN stays NaN.</summary>
    static abstract TSelf Clamp(TSelf value, TSelf limit);

    /// <summary>
    /// Zero where the magnitude is below <paramref name="smallest"/>. A moment that decays for long would end as a subnormal number, on
    /// which arithmetic is many times slower, and stay there.
    /// </summary>
    static abstract TSelf Flush(TSelf value, TSelf smallest);
}
