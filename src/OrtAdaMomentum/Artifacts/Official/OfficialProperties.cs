namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>What an application keeps in a checkpoint: numbers and texts by name, in the file's order. A name stands for one value, whatever its type.</summary>
public sealed record OfficialProperties
{
    /// <summary>The integers.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Integers { get; init; } = [];

    /// <summary>The floating-point numbers.</summary>
    public IReadOnlyList<KeyValuePair<string, float>> Numbers { get; init; } = [];

    /// <summary>The texts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Texts { get; init; } = [];

    /// <summary>Number of properties.</summary>
    public int Count => Integers.Count + Numbers.Count + Texts.Count;

    internal IEnumerable<string> Names =>
        Integers.Select(static pair => pair.Key).Concat(Numbers.Select(static pair => pair.Key)).Concat(Texts.Select(static pair => pair.Key));
}
