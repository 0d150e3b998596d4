namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>
/// Long short-term memory. What does not depend on the step before is computed for all steps at once: the gates from the hidden states that
/// the forward pass gave, then every factor of the recurrence, in the end the gradients of the weights. One Scan computes the cell states
/// again, another takes the gradients of the states backwards, and does only what is sequential.
/// </summary>
internal static class LstmGradient
{
    private const int Gates = 4;

    public static readonly GradientRule Rule = new("LSTM", static node =>
    {
        var activations = Activation.Sequence(node, "Sigmoid", "Tanh", "Tanh", "Sigmoid", "Tanh", "Tanh");
        var directions = Direction.Of(node);
        var offer = RecurrentOffer.Forward(node, "LstmForward", outputs: 3, ["Sigmoid", "Tanh", "Tanh"], Gates, 1);
        return DirectionGradients.Join(
        [
            .. directions.Select((direction, index) =>
            {
                var cell = new LstmCell(node, direction, activations[(3 * index)..]);
                var flow = Recur(node, direction, cell);
                offer?.Backward("LstmBackward", index, [offer.InputOrNull(6)], flow.Gates, flow.Hidden, flow.Memory);
                return Gradients(node, direction, cell, flow);
            }),
        ]);
    })
    {
        Note = "clip does not limit the memory before the output sees it, as in ONNX Runtime; single precision only, as there",
    };

    /// <summary>The gradients that follow for all steps at once from those of the gates' inputs.</summary>
    private static DirectionGradients Gradients(
        GradientContext node, Direction layer, LstmCell cell, (SymbolicTensor Gates, SymbolicTensor Hidden, SymbolicTensor Memory) flow)
    {
        var gates = flow.Gates;
        var (x, w) = layer.Input(gates);
        var bias = gates.SumOfRows(2, keepDimensions: false);
        return new DirectionGradients
        {
            X = x,
            W = w,
            R = layer.Product(gates, layer.Previous, layer.R.Type),
            Bias = SymbolicTensor.Concat(0, bias, bias),
            InitialHidden = flow.Hidden,
            InitialCell = flow.Memory,
            Peepholes = node.HasInput(7) ? Peepholes(cell, layer, gates) : null,
        };
    }

    /// <summary>The gradients of the gates' inputs, and of the states before the first step.</summary>
    private static (SymbolicTensor Gates, SymbolicTensor Hidden, SymbolicTensor Memory) Recur(GradientContext node, Direction layer, LstmCell cell)
    {
        // With h and c the gradients of the states behind a step, and h already that of its output too:
        //   output gate  o = h * toOutput               c = c + h * toCell
        //   other gates  i, f, g = c * (toInput, toForget, toBlock)
        //   before       h = (i, o, f, g) R             c = c * kept
        var toOutput = cell.Output.Back(cell.Squashed.Value);
        var toInput = cell.Input.Back(cell.Forget is null ? cell.Block.Value - cell.Before : cell.Block.Value);
        var toForget = cell.Forget?.Back(cell.Before);
        var toCell = cell.Squashed.Back(cell.Output.Value);
        var kept = cell.Kept;
        if (cell.Peepholes is var (ofInput, ofOutput, ofForget))
        {
            toCell += toOutput * ofOutput;
            kept += toInput * ofInput;
            if (toForget is not null)
                kept += toForget * ofForget;
        }

        var factors = SymbolicTensor.Concat(
            -1, toInput, toOutput, toForget ?? node.Graph.ZerosLike(toInput), cell.Block.Back(cell.Input.Value));

        var scan = new ScanBuilder(node.Graph);
        var (h, c) = (scan.State(layer.LastGradient(1)), scan.State(layer.LastGradient(2)));
        bool backwards = !layer.IsReverse;
        if (layer.SequenceGradient() is { } sequence)
            h += scan.Slice(sequence, backwards);
        c += h * scan.Slice(layer.Valid(toCell, 0), backwards);
        var gates = SymbolicTensor.Concat(-1, c, h, c, c) * scan.Slice(layer.Valid(factors, 0), backwards);
        var before = gates.MatMul(layer.R);
        if (layer.IsValid is { } valid)
            before = scan.Slice(valid, backwards).Choose(before, h);
        int collected = scan.Collect(gates, backwards);
        var results = scan.Write(before, c * scan.Slice(layer.Valid(kept, 1), backwards));
        return (results.Collected[collected].WithType(layer.Sequence(Gates * layer.Hidden)), results.States[0], results.States[1]);
    }

    private static SymbolicTensor Peepholes(LstmCell cell, Direction layer, SymbolicTensor gates)
    {
        var parts = Parts.Split(gates, Gates, layer.Sequence(layer.Hidden));
        return SymbolicTensor.Concat(
            0, Over(parts[0] * cell.Before), Over(parts[1] * cell.After), Over(parts[2] * cell.Before));

        static SymbolicTensor Over(SymbolicTensor sequence) => sequence.SumOfRows(2, keepDimensions: false);
    }
}
