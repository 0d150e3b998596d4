namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>The gradients of one direction's part of a recurrent layer's inputs; null where none flows.</summary>
internal sealed record DirectionGradients
{
    public required SymbolicTensor X { get; init; }

    public required SymbolicTensor W { get; init; }

    public required SymbolicTensor R { get; init; }

    public required SymbolicTensor Bias { get; init; }

    public required SymbolicTensor InitialHidden { get; init; }

    public SymbolicTensor? InitialCell { get; init; }

    public SymbolicTensor? Peepholes { get; init; }

    /// <summary>The gradients of the layer's inputs: the directions share the input, and have everything else one behind the other.</summary>
    public static IReadOnlyList<SymbolicTensor?> Join(DirectionGradients[] directions) =>
        [
            directions.Select(static direction => direction.X).Aggregate(static (left, right) => left + right),
            Join(directions, static direction => direction.W),
            Join(directions, static direction => direction.R),
            Join(directions, static direction => direction.Bias),
            null,
            Join(directions, static direction => direction.InitialHidden),
            Join(directions, static direction => direction.InitialCell),
            Join(directions, static direction => direction.Peepholes),
        ];

    private static SymbolicTensor? Join(DirectionGradients[] directions, Func<DirectionGradients, SymbolicTensor?> part) =>
        part(directions[0]) is null ? null : SymbolicTensor.Concat(0, [.. directions.Select(direction => part(direction)!.Unsqueeze(0))]);
}
