namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>
/// Gated recurrent units. One Scan takes the gradient of the hidden state backwards; the gates before, and the gradients of the weights
/// behind, are computed for all steps at once.
/// </summary>
internal static class GruGradient
{
    private const int Gates = 3;

    public static readonly GradientRule Rule = new("GRU", static node =>
    {
        var activations = Activation.Sequence(node, "Sigmoid", "Tanh", "Sigmoid", "Tanh");
        var directions = Direction.Of(node);
        var offer = node.Integer("linear_before_reset", 0) == 0
            ? null
            : RecurrentOffer.Forward(node, "GruForward", outputs: 2, ["Sigmoid", "Tanh"], Gates + 1);
        return DirectionGradients.Join([.. directions.Select((layer, index) => Differentiate(node, layer, activations[(2 * index)..], (offer, index)))]);
    })
    {
        Note = "single precision only, as in ONNX Runtime",
    };

    private static DirectionGradients Differentiate(
        GradientContext node, Direction layer, Activation[] activations, (RecurrentOffer? Layer, int Direction) offer)
    {
        float? clip = node.HasAttribute("clip") ? node.Number("clip", 0) : null;
        return node.Integer("linear_before_reset", 0) == 0
            ? ResetBefore(layer, activations, clip)
            : ResetBehind(node, layer, activations, clip, offer);
    }

    /// <summary>The reset gate acts on the hidden state.</summary>
    private static DirectionGradients ResetBefore(Direction layer, Activation[] activations, float? clip)
    {
        long both = 2 * layer.Hidden;
        var (ofGates, ofCandidate) = (layer.R.Slice(0, 0, both), layer.R.Slice(0, both, long.MaxValue));
        var (ofInput, ofHidden) = Biased(layer);
        var inputs = Parts.Split(ofInput, Gates, layer.Sequence(layer.Hidden));
        var hidden = Biased(layer.Previous.MatMul(ofGates.Transpose(1, 0)), ofHidden?.Slice(0, 0, both));
        var gates = Parts.Split(hidden, 2, layer.Sequence(layer.Hidden));
        var update = new Gate(inputs[0] + gates[0], activations[0], clip);
        var reset = new Gate(inputs[1] + gates[1], activations[0], clip);
        var kept = reset.Value * layer.Previous;
        var candidate = new Gate(
            Biased(inputs[2] + kept.MatMul(ofCandidate.Transpose(1, 0)), ofHidden?.Slice(0, both, long.MaxValue)), activations[1], clip);

        var scan = new ScanBuilder(layer.Graph);
        bool backwards = !layer.IsReverse;
        var h = scan.State(layer.LastGradient(1));
        if (layer.SequenceGradient() is { } sequence)
            h += scan.Slice(sequence, backwards);
        var toUpdate = h * scan.Slice(layer.Valid(update.Back(layer.Previous - candidate.Value), 0), backwards);
        var toCandidate = h * scan.Slice(layer.Valid(candidate.Back(1 - update.Value), 0), backwards);
        var toKept = toCandidate.MatMul(ofCandidate);
        var toReset = toKept * scan.Slice(reset.Back(layer.Previous), backwards);
        var before = SymbolicTensor.Concat(-1, toUpdate, toReset).MatMul(ofGates)
            + h * scan.Slice(update.Value, backwards) + toKept * scan.Slice(reset.Value, backwards);
        if (layer.IsValid is { } valid)
            before = scan.Slice(valid, backwards).Choose(before, h);
        int collected = scan.Collect(SymbolicTensor.Concat(-1, toUpdate, toReset, toCandidate), backwards);
        var results = scan.Write(before);

        var gradient = results.Collected[collected].WithType(layer.Sequence(Gates * layer.Hidden));
        var (x, w) = layer.Input(gradient);
        var bias = gradient.SumOfRows(2, keepDimensions: false);
        return new DirectionGradients
        {
            X = x,
            W = w,
            R = SymbolicTensor.Concat(
                0,
                layer.Product(gradient.Slice(2, 0, both), layer.Previous, ofGates.Type),
                layer.Product(gradient.Slice(2, both, long.MaxValue), kept, ofCandidate.Type)),
            Bias = SymbolicTensor.Concat(0, bias, bias),
            InitialHidden = results.States[0],
        };
    }

    /// <summary>The reset gate acts on the product of the hidden state with its weights.</summary>
    private static DirectionGradients ResetBehind(
        GradientContext node, Direction layer, Activation[] activations, float? clip, (RecurrentOffer? Layer, int Direction) offer)
    {
        var (ofInput, ofHidden) = Biased(layer);
        var inputs = Parts.Split(ofInput, Gates, layer.Sequence(layer.Hidden));
        var products = Parts.Split(
            Biased(layer.Previous.MatMul(layer.R.Transpose(1, 0)), ofHidden), Gates, layer.Sequence(layer.Hidden));
        var update = new Gate(inputs[0] + products[0], activations[0], clip);
        var reset = new Gate(inputs[1] + products[1], activations[0], clip);
        var candidate = new Gate(inputs[2] + reset.Value * products[2], activations[1], clip);

        var toCandidate = layer.Valid(candidate.Back(1 - update.Value), 0);
        var toUpdate = layer.Valid(update.Back(layer.Previous - candidate.Value), 0);
        var factors = SymbolicTensor.Concat(-1, toUpdate, reset.Back(toCandidate * products[2]), toCandidate * reset.Value);

        var scan = new ScanBuilder(layer.Graph);
        bool backwards = !layer.IsReverse;
        var h = scan.State(layer.LastGradient(1));
        if (layer.SequenceGradient() is { } sequence)
            h += scan.Slice(sequence, backwards);
        var gates = SymbolicTensor.Concat(-1, h, h, h) * scan.Slice(factors, backwards);
        var before = gates.MatMul(layer.R) + h * scan.Slice(update.Value, backwards);
        if (layer.IsValid is { } valid)
            before = scan.Slice(valid, backwards).Choose(before, h);
        var (collectedGates, collectedHidden) = (scan.Collect(gates, backwards), scan.Collect(h, backwards));
        var results = scan.Write(before);

        var ofProducts = results.Collected[collectedGates].WithType(layer.Sequence(Gates * layer.Hidden));
        var gradient = SymbolicTensor.Concat(
            -1, ofProducts.Slice(2, 0, 2 * layer.Hidden), results.Collected[collectedHidden].WithType(layer.Sequence(layer.Hidden)) * toCandidate);
        offer.Layer?.Backward("GruBackward", offer.Direction, [node.Output(), offer.Layer.InputOrNull(5)], gradient, ofProducts, results.States[0]);
        var (x, w) = layer.Input(gradient);
        return new DirectionGradients
        {
            X = x,
            W = w,
            R = layer.Product(ofProducts, layer.Previous, layer.R.Type),
            Bias = SymbolicTensor.Concat(
                0, gradient.SumOfRows(2, keepDimensions: false), ofProducts.SumOfRows(2, keepDimensions: false)),
            InitialHidden = results.States[0],
        };
    }

    /// <summary>The products of the input with its weights and their bias, and the bias of the hidden state's products.</summary>
    private static (SymbolicTensor OfInput, SymbolicTensor? BiasOfHidden) Biased(Direction layer)
    {
        var products = layer.X.MatMul(layer.W.Transpose(1, 0));
        return layer.Biases() is var (ofInput, ofHidden) ? (products + ofInput, ofHidden) : (products, null);
    }

    private static SymbolicTensor Biased(SymbolicTensor products, SymbolicTensor? bias) => bias is null ? products : products + bias;
}
