namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>The simple recurrent layer. One Scan takes the gradient of the hidden state backwards; everything else is done for all steps at once.</summary>
internal static class RnnGradient
{
    public static readonly GradientRule Rule = new("RNN", static node =>
    {
        var activations = Activation.Sequence(node, "Tanh", "Tanh");
        return DirectionGradients.Join(
            [.. Direction.Of(node).Select((layer, index) => Differentiate(node, layer, activations[index]))]);
    })
    {
        Note = "single precision only, as in ONNX Runtime",
    };

    private static DirectionGradients Differentiate(GradientContext node, Direction layer, Activation activation)
    {
        var gate = new Gate(layer.GateInputs(), activation, node.Number("clip", -1) is var limit and >= 0 ? limit : null);
        var slope = gate.Slope();
        if (slope.Type.Rank == 0)
            slope = slope.ExpandLike(gate.Value);

        var scan = new ScanBuilder(node.Graph);
        // ONNX Runtime gives the initial state as the last one of an empty sequence here.
        var hidden = scan.State(layer.LastGradient(1, emptyGivesZero: false));
        bool backwards = !layer.IsReverse;
        if (layer.SequenceGradient() is { } sequence)
            hidden += scan.Slice(sequence, backwards);
        var inner = hidden * scan.Slice(layer.Valid(slope, 0), backwards);
        var before = inner.MatMul(layer.R);
        if (layer.IsValid is { } valid)
            before = scan.Slice(valid, backwards).Choose(before, hidden);
        int collected = scan.Collect(inner, backwards);
        var results = scan.Write(before);

        var gradient = results.Collected[collected].WithType(layer.Sequence(layer.Hidden));
        var (x, w) = layer.Input(gradient);
        var bias = gradient.SumOfRows(2, keepDimensions: false);
        return new DirectionGradients
        {
            X = x,
            W = w,
            R = layer.Product(gradient, layer.Previous, layer.R.Type),
            Bias = SymbolicTensor.Concat(0, bias, bias),
            InitialHidden = results.States[0],
        };
    }
}
