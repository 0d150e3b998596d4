using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.Normalization;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>
/// Batch normalisation in training, which also gives the mean of the batch and one over its deviation, and the gradient of
/// <c>(dY, X, scale, mean, inverse deviation)</c>.
/// </summary>
internal static class BatchStatistics
{
    public static readonly OfficialOperator[] All =
    [
        new OfficialOperator("BatchNormInternal", Forward).Like(0, 3, 4, 1, 1),
        new OfficialOperator("BatchNormalizationGrad", Gradient).Like(1, 2, 2),
    ];

    private static SymbolicTensor?[] Forward(OfficialNode node)
    {
        var x = node.Input(0);
        float epsilon = node.Number("epsilon", 1e-5f);
        SymbolicTensor[] inputs = [x, node.Input(1), node.Input(2), node.Input(3), node.Input(4)];
        if (node.Integer("training_mode", 1) == 0)
        {
            return
            [
                node.Graph.Node("BatchNormalization", inputs, x.Type, ("epsilon", epsilon)),
                inputs[3],
                inputs[4],
                inputs[3],
                1 / (inputs[4] + epsilon).Sqrt(),
            ];
        }

        var outputs = node.Graph.Nodes(
            "BatchNormalization", inputs, [x.Type, inputs[3].Type, inputs[4].Type],
            ("epsilon", epsilon), ("momentum", node.Number("momentum", 0.9f)), ("training_mode", 1L));
        int[] others = Channels.Others(x);
        var moments = Moments.Of(x, others, epsilon);
        return
        [
            outputs[0],
            outputs[1],
            outputs[2],
            x.ReduceMean(others, keepDimensions: true).ReshapeLike(inputs[1]),
            moments.Inverse.ReshapeLike(inputs[1]),
        ];
    }

    private static SymbolicTensor[] Gradient(OfficialNode node)
    {
        var (g, x, scale, mean, inverse) = (node.Input(0), node.Input(1), node.Input(2), node.Input(3), node.Input(4));
        int[] others = Channels.Others(x);
        var spread = Channels.Broadcast(inverse, x);
        var normalised = (x - Channels.Broadcast(mean, x)) * spread;
        var product = g * normalised;
        var slope = g - g.ReduceMean(others, keepDimensions: true) - normalised * product.ReduceMean(others, keepDimensions: true);
        return
        [
            (slope * (spread * Channels.Broadcast(scale, x))).WithType(x.Type),
            product.ReduceSum(others, keepDimensions: false).WithType(scale.Type),
            g.ReduceSum(others, keepDimensions: false).WithType(scale.Type),
        ];
    }
}
