using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Batching;

/// <summary>
/// Follows the samples through a graph from its inputs, node by node, and changes what ties the graph to one sample. A node that
/// cannot be followed ends the attempt with an <see cref="OnnxModelException"/>.
/// </summary>
internal sealed partial class BatchRewrite(GraphProto graph, IReadOnlyDictionary<string, TensorType> types)
{
    private readonly Dictionary<string, BatchPosition> _positions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = graph.Initializer.ToDictionary(static tensor => tensor.Name, StringComparer.Ordinal);
    private readonly UniqueNames _names = new(graph);
    private readonly List<NodeProto> _nodes = new(graph.Node.Count);
    private bool _rankChanged;

    /// <summary>The batch axis of a value; null when the value does not depend on the samples.</summary>
    public int? AxisOf(string name) => _positions.TryGetValue(name, out BatchPosition position) ? position.Axis : null;

    /// <summary>Declares a graph input to be data.</summary>
    public void Start(string input)
    {
        // The initial state of a recurrent node has its directions in front.
        bool isState = graph.Node.Any(node => IsRecurrent(node) && node.Input.Skip(5).Contains(input));
        _positions[input] = new BatchPosition(isState ? 1 : 0);
        if (!Shape(input)[_positions[input].Axis].Is(1))
            throw Stuck($"input '{input}' does not have one sample on axis {_positions[input].Axis}");
    }

    /// <summary>
    /// Rewrites the graph. False when a change altered the rank of values further on: the graph still stands for one sample then, and has to
    /// be rewritten once more with its new types.
    /// </summary>
    public bool Run()
    {
        for (int index = 0; index < graph.Node.Count; index++)
        {
            NodeProto node = graph.Node[index];
            if (node.Input.Any(_positions.ContainsKey))
                Follow(node);
            else if (SubGraphs.Reads(node).Any(_positions.ContainsKey))
                throw Stuck($"{NodeNames.Describe(node)} contains a graph that depends on the sample");
            _nodes.Add(node);
            if (_rankChanged)
            {
                _nodes.AddRange(graph.Node.Skip(index + 1));
                break;
            }
        }

        graph.Node.Clear();
        graph.Node.AddRange(_nodes);
        if (_rankChanged)
            return false;
        CheckOutputs();
        return true;
    }

    private void CheckOutputs()
    {
        foreach (ValueInfoProto output in graph.Output)
        {
            if (!_positions.TryGetValue(output.Name, out BatchPosition position))
                throw Stuck($"output '{output.Name}' cannot be split by samples");
            if (position.Before != 1)
                throw Stuck($"output '{output.Name}' mixes the samples with another axis");
        }
    }

    private void Follow(NodeProto node)
    {
        if (SubGraphs.Of(node).Any())
            throw Stuck($"{NodeNames.Describe(node)} is control flow that depends on the sample");
        switch (node.OpType)
        {
            case "Shape" or "Size":
                // A computed shape follows the samples by itself.
                break;
            case "Reshape":
                FollowReshape(node);
                break;
            case "Flatten":
                FollowFlatten(node);
                break;
            case "Transpose":
                FollowTranspose(node);
                break;
            case "Squeeze":
                FollowSqueeze(node);
                break;
            case "Unsqueeze":
                FollowUnsqueeze(node);
                break;
            case "ArgMax" or "ArgMin":
                FollowReduction(node, [node.IntOr("axis", 0)]);
                break;
            case "Gather":
                FollowGather(node);
                break;
            case "OneHot":
                FollowOneHot(node);
                break;
            case "Concat":
                FollowConcat(node);
                break;
            case "Expand":
                FollowExpand(node);
                break;
            case "Resize":
                FollowResize(node);
                break;
            case "Gemm" when node.IntOr("transA", 0) != 0:
                throw Stuck($"{NodeNames.Describe(node)} transposes the samples");
            case "GRU" or "LSTM" or "RNN":
                FollowRecurrent(node);
                break;
            case { } name when name.StartsWith("Reduce", StringComparison.Ordinal):
                FollowReduction(node, ReducedAxes(node));
                break;
            default:
                FollowAligned(node);
                break;
        }
    }

    /// <summary>Most operators: axes keep their place, counted from the last one where ranks differ, as in broadcasting.</summary>
    private void FollowAligned(NodeProto node)
    {
        foreach (string output in node.Output.Where(static name => name.Length > 0))
        {
            BatchPosition? found = null;
            foreach (string input in node.Input.Where(_positions.ContainsKey))
            {
                BatchPosition position = _positions[input];
                BatchPosition aligned = position with { Axis = Shape(output).Count - (Shape(input).Count - position.Axis) };
                if (aligned.Axis < 0 || (found is not null && found != aligned))
                    throw Stuck($"{NodeNames.Describe(node)} combines samples that lie on different axes");
                found = aligned;
            }

            _positions[output] = found!.Value;
        }
    }

    private BatchPosition Carried(NodeProto node, int input = 0) =>
        input < node.Input.Count && _positions.TryGetValue(node.Input[input], out BatchPosition position)
            ? position
            : throw Stuck($"{NodeNames.Describe(node)} depends on the sample in an unusual place");

    private IReadOnlyList<Dimension> Shape(string name) =>
        types.GetValueOrDefault(name)?.Shape ?? throw Stuck($"the rank of '{name}' is not known");

    private long[]? FixedShape(string name) => types.GetValueOrDefault(name)?.StaticShape;

    private long[]? ConstantInts(NodeProto node, int input) =>
        input < node.Input.Count && _constants.TryGetValue(node.Input[input], out TensorProto? tensor) ? TensorData.ToLongs(tensor) : null;

    private static bool HasInput(NodeProto node, int input) => input < node.Input.Count && node.Input[input].Length > 0;

    private string AddConstant(string purpose, params long[] values)
    {
        TensorProto tensor = TensorData.Vector(_names.Next(purpose), values);
        graph.Initializer.Add(tensor);
        _constants.Add(tensor.Name, tensor);
        return tensor.Name;
    }

    private string Emit(string purpose, NodeProto node)
    {
        node.Name = _names.Next(purpose + "/" + node.OpType);
        node.Output.Add(_names.Next(purpose + "/" + node.OpType + "_out"));
        _nodes.Add(node);
        return node.Output[0];
    }

    private static bool IsRecurrent(NodeProto node) => OnnxDomains.IsStandard(node) && node.OpType is "GRU" or "LSTM" or "RNN";

    private static OnnxModelException Stuck(string reason) => new(reason + ".");
}
