using System.Globalization;

namespace OrtAdaMomentum.Onnx;

/// <summary>One axis of a shape: a fixed extent, a named symbol (equal names mean equal extents), or unknown.</summary>
public readonly record struct Dimension
{
    private readonly long _extentPlusOne;

    private Dimension(long extentPlusOne, string? symbol)
    {
        _extentPlusOne = extentPlusOne;
        Symbol = symbol;
    }

    /// <summary>An axis about which nothing is known.</summary>
    public static Dimension Unknown => default;

    /// <summary>The name of a symbolic axis; null when the axis is fixed or unknown.</summary>
    public string? Symbol { get; }

    /// <summary>Whether the extent is a fixed number.</summary>
    public bool IsStatic => _extentPlusOne > 0;

    /// <summary>The fixed extent.</summary>
    /// <exception cref="InvalidOperationException">The axis is not fixed.</exception>
    public long Extent => IsStatic ? _extentPlusOne - 1 : throw new InvalidOperationException($"Dimension '{this}' has no fixed extent.");

    /// <summary>A fixed axis of <paramref name="extent"/> elements (0 or more).</summary>
    public static Dimension Of(long extent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(extent);
        return new Dimension(extent + 1, null);
    }

    /// <summary>An axis whose extent is known by name only.</summary>
    public static Dimension Named(string symbol)
    {
        ArgumentException.ThrowIfNullOrEmpty(symbol);
        return new Dimension(0, symbol);
    }

    /// <summary>Whether this axis is fixed at <paramref name="extent"/>.</summary>
    public bool Is(long extent) => IsStatic && Extent == extent;

    /// <summary>Whether both axes certainly have the same extent.</summary>
    public bool CertainlyEquals(Dimension other) =>
        IsStatic ? other.IsStatic && Extent == other.Extent : Symbol is not null && Symbol == other.Symbol;

    /// <inheritdoc/>
    public override string ToString() => IsStatic ? Extent.ToString(CultureInfo.InvariantCulture) : Symbol ?? "?";

    /// <summary>A fixed extent becomes a fixed axis.</summary>
    public static implicit operator Dimension(long extent) => Of(extent);
}
