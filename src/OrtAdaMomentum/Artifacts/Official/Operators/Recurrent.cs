using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>
/// Recurrent layers. The official forward operators also give the inner states of every step, for their gradients; this library's gradients
/// start from the forward operator's own inputs and outputs.
/// </summary>
internal static class Recurrent
{
    public static readonly OfficialOperator Lstm = Layer("LSTMTraining", "LSTM", inputs: 8, outputs: 3);

    public static readonly OfficialOperator Gru = Layer("GRUTraining", "GRU", inputs: 6, outputs: 2);

    // Inputs: X, W, R, lengths, initial states (2), all hidden states, all cell states, gates, then the gradients of Y, Y_h, Y_c.
    public static readonly OfficialOperator LstmGradient = new OfficialOperator("LSTMGrad", static node =>
    {
        var gradients = Gradients(node, node.ForwardOf(8, "LSTMTraining"), "LSTM", 3, Given(node, 9), Given(node, 10), Given(node, 11));
        return [gradients[0], gradients[1], gradients[2], gradients[3], gradients[5], gradients[6], gradients[7]];
    }).Like(0, 1, 2, -1, 4, 5);

    // Inputs: X, W, R, B, lengths, initial state, all hidden states, gates, then the gradients of Y and Y_h.
    public static readonly OfficialOperator GruGradient = new OfficialOperator("GRUGrad", static node =>
    {
        var gradients = Gradients(node, node.ForwardOf(7, "GRUTraining"), "GRU", 2, Given(node, 8), Given(node, 9));
        return [gradients[0], gradients[1], gradients[2], gradients[3], gradients[5]];
    }).Like(0, 1, 2, 3, 5);

    private static OfficialOperator Layer(string name, string forward, int inputs, int outputs) => new(name, node =>
    {
        var given = Enumerable.Range(0, inputs).Select(input => Given(node, input));
        var layer = node.Forward(forward, given);
        layer.Name = node.Graph.NewValue(forward, node.Proto.Output[0]);
        layer.Output.AddRange(Enumerable.Range(0, outputs).Select(output => node.Graph.NewValue(forward, node.Proto.Output[output])));
        node.Graph.Append(layer);
        // Nobody but the gradient reads the inner states, and it does without them.
        var results = layer.Output.Select(node.Graph.Value).ToArray();
        return [.. Enumerable.Range(0, node.OutputCount).Select(output => results[output < outputs ? output : 0])];
    })
    {
        StandIn = standIn => standIn.Operator(forward, inputs, outputs),
    };

    /// <summary>Declares the outputs that the gradients read.</summary>
    /// <exception cref="FineTuningException">An inner state is read by something other than a gradient.</exception>
    public static void Prepare(GraphProto graph, Func<string, string> newName)
    {
        var inner = new HashSet<string>();
        foreach (var node in graph.Node.Where(static node => node.OpType is "LSTMTraining" or "GRUTraining"))
        {
            int kept = node.OpType == "LSTMTraining" ? 3 : 2;
            inner.UnionWith(node.Output.Skip(kept).Where(static name => name.Length > 0));
            for (int output = 0; output < kept; output++)
            {
                if (node.Output.Count <= output)
                    node.Output.Add(string.Empty);
                if (node.Output[output].Length == 0)
                    node.Output[output] = newName(node.OpType);
            }
        }

        var reader = graph.Node.FirstOrDefault(node => node.OpType is not ("LSTMGrad" or "GRUGrad") && node.Input.Any(inner.Contains));
        if (reader is not null)
            throw new FineTuningException($"{NodeNames.Describe(reader)} reads an inner state of a recurrent layer, which ordinary operators do not give.");
    }

    private static SymbolicTensor?[] Gradients(
        OfficialNode node, NodeProto training, string operatorType, int outputs, params SymbolicTensor?[] gradients)
    {
        var forward = training.Clone();
        forward.OpType = operatorType;
        forward.Domain = string.Empty;
        while (forward.Output.Count > outputs)
            forward.Output.RemoveAt(outputs);
        var found = node.Differentiate(forward, [0, 1, 2, 3, 5, 6, 7], gradients);
        var all = new SymbolicTensor?[8];
        for (int input = 0; input < found.Count; input++)
            all[input] = found[input];
        return all;
    }

    private static SymbolicTensor? Given(OfficialNode node, int input) => node.HasInput(input) ? node.Input(input) : null;
}
