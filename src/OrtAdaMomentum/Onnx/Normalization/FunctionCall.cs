using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Normalization;

/// <summary>One call of a function: its nodes with the caller's values, attributes and fresh names put in.</summary>
internal sealed class FunctionCall
{
    private readonly FunctionProto _function;
    private readonly UniqueNames _names;
    private readonly string _prefix;
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal) { [""] = "" };
    private readonly Dictionary<string, AttributeProto> _attributes = new(StringComparer.Ordinal);
    private readonly List<NodeProto> _forwards = [];

    public FunctionCall(NodeProto call, FunctionProto function, UniqueNames names)
    {
        _function = function;
        _names = names;
        _prefix = (call.Name.Length > 0 ? call.Name : function.Name) + "/";

        if (call.Input.Count > function.Input.Count || call.Output.Count > function.Output.Count)
            throw new OnnxModelException($"{NodeNames.Describe(call)} has more inputs or outputs than function '{function.Name}' declares.");
        for (int index = 0; index < function.Input.Count; index++)
            _values[function.Input[index]] = index < call.Input.Count ? call.Input[index] : "";
        for (int index = 0; index < call.Output.Count; index++)
            BindOutput(function.Output[index], call.Output[index]);

        foreach (AttributeProto attribute in function.AttributeProto.Concat(call.Attribute))
            _attributes[attribute.Name] = attribute;
    }

    public IEnumerable<NodeProto> Nodes()
    {
        var scope = new Dictionary<string, string>(_values, StringComparer.Ordinal);
        // Materialised: the names of all nodes must be known before a forward can refer to them.
        NodeProto[] nodes = [.. _function.Node.Select(node => Copy(node, scope))];
        return nodes.Concat(_forwards.Select(forward => Copy(forward, scope, forwarded: true)));
    }

    private void BindOutput(string inside, string outside)
    {
        if (outside.Length == 0)
            return;
        // A value can have only one name outside; an input handed on as an output, or one output given twice, is copied.
        if (!_values.TryAdd(inside, outside))
            _forwards.Add(new NodeProto { OpType = "Identity", Input = { inside }, Output = { outside } });
    }

    private NodeProto Copy(NodeProto node, Dictionary<string, string> scope, bool forwarded = false)
    {
        NodeProto copy = node.Clone();
        copy.Name = _names.Next(_prefix + (node.Name.Length > 0 ? node.Name : node.OpType));
        for (int index = 0; index < copy.Input.Count; index++)
            copy.Input[index] = Translate(copy.Input[index], scope);
        if (!forwarded)
        {
            for (int index = 0; index < copy.Output.Count; index++)
                copy.Output[index] = Translate(copy.Output[index], scope);
        }

        copy.Attribute.Clear();
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (Resolve(attribute) is not { } resolved)
                continue;
            // A graph that the caller passed in speaks of the caller's values already.
            if (attribute.RefAttrName.Length == 0)
                RenameGraphs(resolved, scope);
            copy.Attribute.Add(resolved);
        }

        return copy;
    }

    /// <summary>An attribute with the caller's value where it refers to one; null when the caller gave none and there is no default.</summary>
    private AttributeProto? Resolve(AttributeProto attribute)
    {
        if (attribute.RefAttrName.Length == 0)
            return attribute.Clone();
        if (!_attributes.TryGetValue(attribute.RefAttrName, out AttributeProto? given))
            return null;
        AttributeProto resolved = given.Clone();
        resolved.Name = attribute.Name;
        return resolved;
    }

    private void RenameGraphs(AttributeProto attribute, Dictionary<string, string> scope)
    {
        if (attribute.G is not null)
            Rename(attribute.G, scope);
        foreach (GraphProto graph in attribute.Graphs)
            Rename(graph, scope);
    }

    private void Rename(GraphProto graph, Dictionary<string, string> outer)
    {
        var scope = new Dictionary<string, string>(outer, StringComparer.Ordinal);
        foreach (ValueInfoProto input in graph.Input)
            input.Name = Fresh(input.Name, scope);
        foreach (TensorProto tensor in graph.Initializer.Concat(graph.SparseInitializer.Select(static sparse => sparse.Values)))
            tensor.Name = Fresh(tensor.Name, scope);
        // What the inner graph computes hides values of the same name around it.
        foreach (string output in graph.Node.SelectMany(static node => node.Output).Where(static name => name.Length > 0))
            _ = Fresh(output, scope);

        NodeProto[] nodes = [.. graph.Node.Select(node => Copy(node, scope))];
        graph.Node.Clear();
        graph.Node.AddRange(nodes);
        graph.ValueInfo.Clear();
        foreach (ValueInfoProto output in graph.Output)
            output.Name = Translate(output.Name, scope);
    }

    private string Translate(string name, Dictionary<string, string> scope) =>
        scope.TryGetValue(name, out string? translated) ? translated : Fresh(name, scope);

    private string Fresh(string name, Dictionary<string, string> scope) => scope[name] = _names.Next(_prefix + name);
}
