using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>Finds nodes of the forward pass, which gradient nodes of the official generator do not always name.</summary>
internal sealed class GraphIndex
{
    private readonly Dictionary<string, NodeProto> _producers = [];
    private readonly Dictionary<string, NodeProto> _byName = [];
    private readonly ILookup<(string OperatorType, string Input), NodeProto> _readers;
    private readonly Dictionary<string, TensorType> _declared = [];

    /// <param name="graph">The graph.</param>
    /// <param name="declared">Types that the file tells beside those of its inputs and outputs.</param>
    public GraphIndex(GraphProto graph, IEnumerable<ValueInfoProto> declared)
    {
        foreach (var node in graph.Node)
        {
            foreach (string output in node.Output.Where(static name => name.Length > 0))
                _producers[output] = node;
            if (node.Name.Length > 0)
                _byName.TryAdd(node.Name, node);
        }

        _readers = graph.Node.Where(static node => node.Input.Count > 0).ToLookup(static node => (node.OpType, node.Input[0]));
        foreach (var value in declared.Concat(graph.Output))
        {
            if (TensorTypes.FromProto(value.Type) is { } type)
                _declared.TryAdd(value.Name, type);
        }
    }

    /// <summary>The node that computes a value; null for inputs and constants.</summary>
    public NodeProto? Producer(string value) => _producers.GetValueOrDefault(value);

    /// <summary>The type that the file declares for a value.</summary>
    public TensorType? Declared(string value) => _declared.GetValueOrDefault(value);

    /// <summary>A node of that operator that reads these values first.</summary>
    public NodeProto? Reader(string operatorType, params IReadOnlyList<string> inputs) =>
        _readers[(operatorType, inputs[0])].FirstOrDefault(node => node.Input.Take(inputs.Count).SequenceEqual(inputs));

    /// <summary>The forward node that a gradient node is named after: <c>Conv_3_Grad/ConvGrad_0</c> belongs to <c>Conv_3</c>.</summary>
    public NodeProto? Forward(NodeProto gradient)
    {
        int end = gradient.Name.LastIndexOf("_Grad/", StringComparison.Ordinal);
        return end > 0 ? _byName.GetValueOrDefault(gradient.Name[..end]) : null;
    }

    /// <summary>The value whose shape another one is; null when it was computed otherwise.</summary>
    public string? ShapedLike(string shape) =>
        Producer(shape) is { OpType: "Shape", Attribute.Count: 0 } node && OnnxDomains.IsStandard(node) ? node.Input[0] : null;
}
