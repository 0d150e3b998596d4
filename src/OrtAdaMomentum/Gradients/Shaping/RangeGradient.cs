namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>
/// Numbers in equal steps: all of them move with the start, and with the step as often as it was added. The limit only says how many there
/// are.
/// </summary>
internal static class RangeGradient
{
    public static readonly GradientRule Rule = new("Range", static node =>
    {
        var g = node.Gradient;
        return
        [
            g.SumAll().ReshapeLike(node.Input(0)),
            null,
            node.Needs(2) ? (g * g.PlacesAlong(0).Cast(g.ElementType)).SumAll().ReshapeLike(node.Input(2)) : null,
        ];
    })
    {
        SteeringInputs = [1],
    };
}
