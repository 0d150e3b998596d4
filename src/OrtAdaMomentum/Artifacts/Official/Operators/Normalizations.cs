using OrtAdaMomentum.Gradients;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Gradients of Softmax and of layer normalisations, of what the forward pass has kept.</summary>
internal static class Normalizations
{
    public static readonly OfficialOperator[] All =
    [
        new OfficialOperator("SoftmaxGrad", static node => [Softmax(node, AxesFrom(node, 1))]).Like(1),
        new OfficialOperator("SoftmaxGrad_13", static node => [Softmax(node, [(int)node.Integer("axis", -1)])]).Like(1),
        new OfficialOperator("LogSoftmaxGrad", static node => [LogSoftmax(node, AxesFrom(node, 1))]).Like(1),
        new OfficialOperator("LogSoftmaxGrad_13", static node => [LogSoftmax(node, [(int)node.Integer("axis", -1)])]).Like(1),
        new OfficialOperator("LayerNormalizationGrad", static node =>
        {
            var (x, mean, inverse) = (node.Input(1), node.Input(3), node.Input(4));
            return Layer(node, (x - mean) * inverse, inverse, centred: true);
        }).Like(1, 2, 2),
        new OfficialOperator("InvertibleLayerNormalizationGrad", static node =>
        {
            var (y, scale, bias) = (node.Input(1), node.Input(2), node.Input(3));
            return Layer(node, (y - bias) / scale, node.Input(4), centred: true);
        }).Like(1, 2, 2),
        new OfficialOperator("SimplifiedLayerNormalizationGrad", static node =>
            Layer(node, node.Input(1) * node.Input(3), node.Input(3), centred: false)).Like(1, 2),
    ];

    private static SymbolicTensor Softmax(OfficialNode node, int[] axes)
    {
        var (g, y) = (node.Input(0), node.Input(1));
        return (g - (g * y).ReduceSum(axes, keepDimensions: true)) * y;
    }

    private static SymbolicTensor LogSoftmax(OfficialNode node, int[] axes)
    {
        var (g, y) = (node.Input(0), node.Input(1));
        return g - y.Exp() * g.ReduceSum(axes, keepDimensions: true);
    }

    /// <summary>The normalised axes: all from the attribute on.</summary>
    private static int[] AxesFrom(OfficialNode node, long otherwise)
    {
        int rank = node.Input(1).Rank;
        int axis = (int)node.Integer("axis", otherwise);
        axis = axis < 0 ? axis + rank : axis;
        return [.. Enumerable.Range(axis, rank - axis)];
    }

    private static SymbolicTensor[] Layer(OfficialNode node, SymbolicTensor normalised, SymbolicTensor inverse, bool centred)
    {
        var (g, scale) = (node.Input(0), node.Input(2));
        int[] axes = AxesFrom(node, -1);
        var scaled = g * scale;
        var slope = scaled - normalised * (scaled * normalised).ReduceMean(axes, keepDimensions: true);
        if (centred)
            slope -= scaled.ReduceMean(axes, keepDimensions: true);
        var input = (inverse * slope).WithType(node.Input(1).Type);
        return centred
            ? [input, Broadcasting.SumTo(g * normalised, scale), Broadcasting.SumTo(g, scale)]
            : [input, Broadcasting.SumTo(g * normalised, scale)];
    }
}
