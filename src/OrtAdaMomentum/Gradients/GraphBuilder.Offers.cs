using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <content>
/// Offers: single nodes, of operators that only this library has, which compute what ordinary nodes of the graph compute too. They are no
/// part of the graph. Who runs it where these operators exist may put them in the place of the ordinary nodes.
/// </content>
public sealed partial class GraphBuilder
{
    private readonly GraphProto _offers = new() { Name = "offers" };

    private int _renamedOffers;
    private int _renamedValues;

    /// <summary>The offers, in topological order, and the types of what they read and compute.</summary>
    internal GraphProto Offers => _offers;

    /// <summary>A value that only offered nodes compute and read.</summary>
    internal SymbolicTensor OfferedValue(string hint, TensorType type)
    {
        string name = Fresh(hint);
        _types[name] = type;
        return Value(name);
    }

    /// <summary>Offers a node.</summary>
    /// <param name="operatorType">Its operator.</param>
    /// <param name="inputs">What it reads; null is left out.</param>
    /// <param name="outputs">The values that it computes; null is left out.</param>
    /// <param name="attributes">Its attributes.</param>
    internal void Offer(
        string operatorType,
        ReadOnlySpan<SymbolicTensor?> inputs,
        ReadOnlySpan<SymbolicTensor?> outputs,
        params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        // Bodies of loops run whole, or not at all, in one node; and offered nodes know no other numbers than these.
        if (_outer is not null || !AreSingle(inputs) || !AreSingle(outputs))
            return;
        var node = new NodeProto { OpType = operatorType, Domain = OnnxDomains.Kernels };
        foreach (var input in inputs)
        {
            node.Input.Add(input?.Name ?? string.Empty);
            if (input is not null)
                _offers.ValueInfo.Add(TensorTypes.ToProto(input.Name, input.Type));
        }

        foreach (var output in outputs)
        {
            // A formula may have come out as what it was made of.
            bool computes = output is not null && !node.Input.Contains(output.Name);
            node.Output.Add(computes ? output!.Name : string.Empty);
            if (computes)
                _offers.ValueInfo.Add(TensorTypes.ToProto(output!.Name, output.Type));
        }

        foreach (var (name, value) in attributes)
            node.Attribute.Add(value.ToProto(name));
        _offers.Node.Add(node);
    }

    private void RenameOffers(Dictionary<string, string> names)
    {
        // What was offered for nodes written since the last renaming stands at the end.
        for (int index = _offers.Node.Count - 1; index >= _renamedOffers; index--)
            Renaming.Rename(_offers.Node[index], names);
        _renamedOffers = _offers.Node.Count;
        for (int index = _offers.ValueInfo.Count - 1; index >= _renamedValues; index--)
            _offers.ValueInfo[index].Name = names.GetValueOrDefault(_offers.ValueInfo[index].Name, _offers.ValueInfo[index].Name);
        _renamedValues = _offers.ValueInfo.Count;
    }

    private static bool AreSingle(ReadOnlySpan<SymbolicTensor?> values)
    {
        foreach (var value in values)
        {
            if (value is not null && value.ElementType is not (ElementType.Float or ElementType.Int64))
                return false;
        }

        return true;
    }
}
