using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>
/// Offers for a recurrent layer in its usual form: one node that computes the layer and keeps what its gradient needs, and one for each
/// direction that takes the gradient back through all steps.
/// </summary>
internal sealed class RecurrentOffer
{
    private readonly GradientContext _node;
    private readonly long _direction;
    private readonly int _outputs;
    private readonly SymbolicTensor[][] _kept;

    private RecurrentOffer(GradientContext node, int outputs, int[] widths)
    {
        _node = node;
        _outputs = outputs;
        _direction = node.Text("direction", "forward") switch { "bidirectional" => 2, "reverse" => 1, _ => 0 };
        var x = node.Input(0);
        var (time, batch) = x.Type.Shape is { } shape ? (shape[0], shape[1]) : default;
        long hidden = node.Integer("hidden_size", 0);
        _kept =
        [
            .. Enumerable.Range(0, _direction == 2 ? 2 : 1).Select(_ => widths.Select(width =>
                node.Graph.OfferedValue("Kept", new TensorType(x.ElementType, [time, batch, width * hidden]))).ToArray()),
        ];
    }

    /// <summary>Offers to compute the layer, whose outputs must be declared by now.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="operatorType">The offered operator. It reads input, weights, bias and first states.</param>
    /// <param name="outputs">How many outputs the layer can have.</param>
    /// <param name="activations">The usual activations.</param>
    /// <param name="widths">What the operator keeps of each direction: sequences of so many times the hidden state's width.</param>
    /// <returns>Null where the layer clips, or has lengths, peepholes, coupled gates or other activations.</returns>
    public static RecurrentOffer? Forward(
        GradientContext node, string operatorType, int outputs, IReadOnlyList<string> activations, params int[] widths)
    {
        if (node.HasInput(4) || node.HasInput(7) || node.HasAttribute("clip") || node.Integer("input_forget", 0) != 0
            || node.Texts("activations")?.Where((name, index) => !IsSame(name, activations[index % activations.Count])).Any() == true)
            return null;
        var offer = new RecurrentOffer(node, outputs, widths);
        SymbolicTensor?[] inputs = [.. new[] { 0, 1, 2, 3 }.Concat(Enumerable.Range(5, outputs - 1)).Select(offer.InputOrNull)];
        var own = Enumerable.Range(0, outputs).Select(index => node.HasOutput(index) ? node.Output(index) : null);
        node.Graph.Offer(
            operatorType, inputs, [.. own, .. offer._kept.SelectMany(static kept => kept)], ("direction", offer._direction));
        return offer;
    }

    /// <summary>
    /// Offers the gradient of one direction. The operator reads what is kept, the weights of the hidden state, some more values, and the
    /// gradients of the layer's outputs.
    /// </summary>
    public void Backward(string operatorType, int index, SymbolicTensor?[] more, params SymbolicTensor[] results) =>
        _node.Graph.Offer(
            operatorType,
            [.. _kept[index], _node.Input(2), .. more, .. Enumerable.Range(0, _outputs).Select(_node.OutputGradient)],
            results, ("direction", _direction), ("index", (long)index));

    /// <summary>An input of the layer; null when left out.</summary>
    public SymbolicTensor? InputOrNull(int index) => _node.HasInput(index) ? _node.Input(index) : null;

    private static bool IsSame(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);
}
