namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>A sum of tensors that are each multiplied with a constant, and its gradient: one tensor multiplied with each of the constants.</summary>
internal static class Scaling
{
    public static readonly OfficialOperator[] All =
    [
        new OfficialOperator("ScaledSum", static node =>
            [Enumerable.Range(0, node.InputCount).Select(place => node.Input(place) * Factor(node, place)).Aggregate(static (sum, term) => sum + term)]).Like(0),
        new OfficialOperator("BatchScale", static node =>
            [.. Enumerable.Range(0, node.OutputCount).Select(place => node.Input(0) * Factor(node, place))]).Like(0, 0, 0),
    ];

    private static double Factor(OfficialNode node, int place) => node.Number($"scale_{place}", 1);
}
