using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Image;

/// <summary>
/// A grid of points under an affine map: the gradient of the map is the sum over all points of their gradient times their coordinates, of
/// which the last is 1. What the operator makes of the identity map are the coordinates.
/// </summary>
internal static class AffineGridGradient
{
    public static readonly GradientRule Rule = new("AffineGrid", static node =>
    {
        var (theta, size, g) = (node.Input(0), node.Input(1), node.Gradient);
        // Two coordinates, or three.
        int count = (size.Type.ElementCount is { } length ? (int)length : g.Rank + 1) - 2;
        var graph = node.Graph;
        var identity = new double[count * (count + 1)];
        for (int row = 0; row < count; row++)
            identity[(row * (count + 1)) + row] = 1;

        var one = graph.Integers(1);
        var sizes = node.ConstantIntegers(1) is { } known
            ? graph.Integers([1, 1, .. known[2..]])
            : SymbolicTensor.Concat(0, one, one, size.Slice(0, 2, count + 2));
        var points = graph.Node(
            "AffineGrid",
            [graph.Numbers(identity, theta.ElementType, 1, count, count + 1), sizes],
            new TensorType(theta.ElementType, [1, .. g.Type.Shape?.Skip(1).Take(count) ?? new Dimension[count], count]),
            ("align_corners", node.Integer("align_corners", 0)));
        var coordinates = points.Reshape(-1, count);
        var gradients = g.Reshape(0, -1, count);
        var byCoordinates = gradients.TransposeMatrices().MatMul(coordinates);
        var shifts = gradients.ReduceSum([1], keepDimensions: false).Unsqueeze(2);
        return [SymbolicTensor.Concat(2, byCoordinates, shifts).WithType(theta.Type)];
    })
    {
        SteeringInputs = [1],
    };
}
