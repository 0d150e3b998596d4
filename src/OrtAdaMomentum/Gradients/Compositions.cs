namespace OrtAdaMomentum.Gradients;

/// <summary>Every composition of this library. A composition of its own file has its one line here.</summary>
internal static class Compositions
{
    public static readonly IReadOnlyList<Composition> All =
    [
    ];
}
