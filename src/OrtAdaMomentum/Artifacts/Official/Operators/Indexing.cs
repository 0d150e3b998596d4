namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Gradients of operators that pick elements. Of the input they get the shape.</summary>
internal static class Indexing
{
    public static readonly OfficialOperator[] All =
    [
        Picking("GatherGrad", "Gather", shape: 0, gradient: 2, 1),
        Picking("GatherElementsGrad", "GatherElements", shape: 1, gradient: 0, 2),
        Picking("GatherNDGrad", "GatherND", shape: 0, gradient: 2, 1),
        Picking("SliceGrad", "Slice", shape: 1, gradient: 0, 2, 3, 4, 5),
    ];

    private static OfficialOperator Picking(string name, string forward, int shape, int gradient, params int[] others) => new(name, node =>
    {
        var g = node.Input(gradient);
        var inputs = others.Select(input => node.HasInput(input) ? node.Input(input) : null).Prepend(node.ShapedLike(shape, g.ElementType));
        // Of the output, the rules look at the shape, which is that of its gradient.
        return [node.Differentiate(node.Forward(forward, inputs, g), [0], g)[0]];
    })
    {
        StandIn = standIn => standIn.Shaped(0, shape),
    };
}
