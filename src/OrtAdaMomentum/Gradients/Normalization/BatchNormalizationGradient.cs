namespace OrtAdaMomentum.Gradients.Normalization;

/// <summary>Batch normalisation: y = (x - mean) / sqrt(var + epsilon) * scale + bias, per channel.</summary>
internal static class BatchNormalizationGradient
{
    public static readonly GradientRule Rule = new("BatchNormalization", static node =>
        node.Integer("training_mode", 0) == 0 ? Frozen(node) : Training(node));

    /// <summary>With given statistics the operator is an affine map of each channel.</summary>
    private static SymbolicTensor?[] Frozen(GradientContext node)
    {
        var (x, g) = (node.Input(0), node.Gradient);
        var (scale, mean, variance) = (node.Input(1), node.Input(3), node.Input(4));
        int[] others = Channels.Others(x);

        var inverse = 1 / (variance + node.Number("epsilon", 1e-5f)).Sqrt();
        var sum = g.ReduceSum(others, keepDimensions: false);
        var scaleGradient = (g * (x - Channels.Broadcast(mean, x))).ReduceSum(others, keepDimensions: false) * inverse;
        var input = g * Channels.Broadcast(scale * inverse, x);
        // Without the sums there is one product to compute, which a kernel does no faster.
        if (node.Needs(1) || node.Needs(2))
        {
            x.Graph.Offer(
                "BatchNormalizationBackward", [x, g, scale, mean, variance], [input, scaleGradient, sum],
                ("epsilon", node.Number("epsilon", 1e-5f)), ("frozen", 1L));
        }

        return
        [
            input,
            scaleGradient,
            sum,
            -(scale * inverse * sum),
            -0.5 * (scale * inverse * inverse * scaleGradient),
        ];
    }

    /// <summary>
    /// With the statistics of the batch the gradient flows through them too. They are computed again, as the operator does not give them.
    /// </summary>
    private static SymbolicTensor?[] Training(GradientContext node)
    {
        var running = Running(node);
        if (node.OutputGradient(0) is not { } g)
            return running;
        var (x, scale) = (node.Input(0), node.Input(1));
        int[] others = Channels.Others(x);
        var moments = Moments.Of(x, others, node.Number("epsilon", 1e-5f));
        var product = g * moments.Centred;
        var input = moments.InputGradient(g, product, Channels.Broadcast(scale, x));
        var scaleGradient = (product.ReduceSum(others, keepDimensions: true) * moments.Inverse).ReshapeLike(scale);
        var bias = g.ReduceSum(others, keepDimensions: false);
        OfferKernels(node, x, g, [input, scaleGradient, bias]);
        return
        [
            running[0] is { } more ? input + more : input,
            scaleGradient,
            bias,
            running[3],
            running[4],
        ];
    }

    /// <summary>A forward pass that also gives the statistics of the batch, and a backward pass that takes them.</summary>
    private static void OfferKernels(GradientContext node, SymbolicTensor x, SymbolicTensor g, SymbolicTensor[] gradients)
    {
        var graph = x.Graph;
        float epsilon = node.Number("epsilon", 1e-5f);
        var (mean, inverse) = (graph.OfferedValue("Mean", node.Input(1).Type), graph.OfferedValue("Inverse", node.Input(1).Type));
        SymbolicTensor? Given(int index) => node.HasOutput(index) ? node.Output(index) : null;
        graph.Offer(
            "BatchNormalizationForward", [x, node.Input(1), node.Input(2), node.Input(3), node.Input(4)],
            [node.Output(), Given(1), Given(2), mean, inverse], ("epsilon", epsilon), ("momentum", node.Number("momentum", 0.9f)));
        graph.Offer("BatchNormalizationBackward", [x, g, node.Input(1), mean, inverse], gradients, ("epsilon", epsilon), ("frozen", 0L));
    }

    /// <summary>
    /// The running statistics keep a part of what they were and take the rest from the batch. As a rule they are bookkeeping on which no loss
    /// depends.
    /// </summary>
    private static SymbolicTensor?[] Running(GradientContext node)
    {
        var (mean, variance) = (node.OutputGradient(1), node.OutputGradient(2));
        double momentum = node.Number("momentum", 0.9f);
        var x = node.Input(0);
        SymbolicTensor? sum = null;
        if (mean is not null)
            sum = Channels.Broadcast(mean, x);
        if (variance is not null)
        {
            var centred = x - x.ReduceMean(Channels.Others(x), keepDimensions: true);
            var slope = Channels.Broadcast(variance, x) * (2 * centred);
            sum = sum is null ? slope : sum + slope;
        }

        var share = sum is null ? null : node.Input(1).SizeOf() * (1 - momentum) / x.SizeOf();
        return
        [
            share is null ? null : (sum! * share).ExpandLike(x),
            null,
            null,
            mean is null ? null : mean * momentum,
            variance is null ? null : variance * momentum,
        ];
    }
}
