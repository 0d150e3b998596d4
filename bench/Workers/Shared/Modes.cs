namespace OrtAdaMomentum.Bench;

/// <summary>What of a model trains.</summary>
internal static class Modes
{
    /// <summary>Everything.</summary>
    public const string Full = "full";

    /// <summary>The last layer alone.</summary>
    public const string Head = "head";

    /// <summary>The last layers, on a frozen backbone.</summary>
    public const string Tail = "frozen";

    public static string[] All { get; } = [Full, Head, Tail];
}
