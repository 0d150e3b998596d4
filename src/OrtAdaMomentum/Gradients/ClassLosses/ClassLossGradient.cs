namespace OrtAdaMomentum.Gradients.ClassLosses;

/// <summary>
/// The two losses of the standard over class indices. With <c>r</c>, what the loss gains with -log p of a position's label, the gradient of
/// the logarithms is -r at the label and 0 elsewhere, and that of the logits p r - r at the label.
/// </summary>
internal static class ClassLossGradient
{
    public static readonly GradientRule NegativeLogLikelihood = new("NegativeLogLikelihoodLoss", static node =>
    {
        var logs = node.Input(0);
        var positions = new LabelledPositions(node);
        var factor = positions.Factor(node.Gradient);
        return [positions.Labels.Put(node.Graph.ZerosLike(logs), -factor), null, node.Needs(2) ? positions.ClassWeightGradient(node.Gradient, logs) : null];
    })
    {
        SteeringInputs = [1],
    };

    public static readonly GradientRule SoftmaxCrossEntropy = new("SoftmaxCrossEntropyLoss", static node =>
    {
        var logs = node.RequireOutput(1, node.Input(0).Type);
        SymbolicTensor? input = null, classWeights = null;
        if (node.OutputGradient(0) is { } g)
        {
            var positions = new LabelledPositions(node);
            var factor = positions.Factor(g);
            input = new LabelledSoftmax(logs, positions.Labels).Gradient(factor, factor, ofAll: null);
            classWeights = node.Needs(2) ? positions.ClassWeightGradient(g, logs) : null;
        }

        if (node.OutputGradient(1) is { } logGradient)
        {
            var part = logGradient - logs.Exp() * logGradient.ReduceSum([1], keepDimensions: true);
            input = input is null ? part : input + part;
        }

        return [input, null, classWeights];
    })
    {
        SteeringInputs = [1],
    };
}
