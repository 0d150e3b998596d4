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

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a × b + c, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    static abstract TSelf Sqrt(TSelf value);

    /// <summary>The larger one; NaN where either is NaN.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>Limits the magnitude; NaN stays NaN.</summary>
    static abstract TSelf Clamp(TSelf value, TSelf limit);

    /// <summary>
    /// Zero where the magnitude is below <paramref name="smallest"/>. A moment that decays for long would end as a subnormal number, on
    /// which arithmetic is many times slower, and stay there.
    /// </summary>
    static abstract TSelf Flush(TSelf value, TSelf smallest);
}
