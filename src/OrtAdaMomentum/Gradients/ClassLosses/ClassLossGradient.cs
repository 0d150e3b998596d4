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
        var labels = new LabelledPositions(node);
        var factor = labels.Factor(node.Gradient);
        return [labels.Put(node.Graph.ZerosLike(logs), -factor), null, node.Needs(2) ? labels.ClassWeightGradient(node.Gradient, logs) : null];
    })
    {
        SteeringInputs = [1],
    };

    public static readonly GradientRule SoftmaxCrossEntropy = new("SoftmaxCrossEntropyLoss", static node =>
    {
        var logs = node.RequireOutput(1, node.Input(0).Type);
        var probabilities = logs.Exp();
        SymbolicTensor? input = null, classWeights = null;
        if (node.OutputGradient(0) is { } g)
        {
            var labels = new LabelledPositions(node);
            var factor = labels.Factor(g);
            var soft = probabilities * factor;
            input = labels.Put(soft, labels.Pick(soft) - factor);
            classWeights = node.Needs(2) ? labels.ClassWeightGradient(g, logs) : null;
        }

        if (node.OutputGradient(1) is { } logGradient)
        {
            var part = logGradient - probabilities * logGradient.ReduceSum([1], keepDimensions: true);
            input = input is null ? part : input + part;
        }

        return [input, null, classWeights];
    })
    {
        SteeringInputs = [1],
    };
}
