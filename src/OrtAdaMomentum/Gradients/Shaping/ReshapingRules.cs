namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>Operators that give the same elements another shape, or repeat them to fill one.</summary>
internal static class ReshapingRules
{
    public static readonly GradientRule[] All =
    [
        Reshaping("Flatten"),
        Reshaping("Reshape"),
        Reshaping("Squeeze"),
        Reshaping("Unsqueeze"),
        new("Expand", static node => [node.Gradient]) { Broadcasts = true, SteeringInputs = [1] },
    ];

    private static GradientRule Reshaping(string operatorType) =>
        new(operatorType, static node => [node.Gradient.ReshapeLike(node.Input(0))]) { SteeringInputs = [1] };
}
