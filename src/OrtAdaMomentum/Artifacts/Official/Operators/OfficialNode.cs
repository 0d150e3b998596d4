using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.Quantization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Artifacts.Official.Operators;

/// <summary>A training-only node that is rewritten.</summary>
internal sealed class OfficialNode : NodeContext
{
    private readonly QuantizedValues _noneQuantized;

    public OfficialNode(GraphBuilder graph, NodeProto node, GraphIndex index, QuantizedValues noneQuantized)
        : base(graph, node)
    {
        Index = index;
        _noneQuantized = noneQuantized;
    }

    /// <summary>The graph before rewriting.</summary>
    public GraphIndex Index { get; }

    /// <summary>The node itself.</summary>
    public NodeProto Proto => Node;

    // The file may tell a rank that the runtime cannot infer.
    private protected override SymbolicTensor ValueOf(string name) =>
        base.ValueOf(name) is var value && value.Type.Shape is null && Index.Declared(name)?.Rank is { } rank
            ? value.WithType(new TensorType(value.ElementType, new Dimension[rank]))
            : value;

    /// <summary>Name of an input; empty when it is left out.</summary>
    public string Name(int input) => HasInput(input) ? Node.Input[input] : string.Empty;

    /// <summary>The node that computes an input, when it is of that operator.</summary>
    /// <exception cref="FineTuningException">Another one does; the operator cannot be rewritten without its forward node.</exception>
    public NodeProto ForwardOf(int input, params string[] operatorTypes) =>
        Index.Producer(Name(input)) is { } forward && operatorTypes.Contains(forward.OpType)
            ? forward
            : throw new FineTuningException($"its input '{Name(input)}' does not come from {string.Join(" or ", operatorTypes)}");

    /// <summary>The value whose shape an input is; where that is not known, zeros of that shape.</summary>
    public SymbolicTensor ShapedLike(int shapeInput, ElementType type)
    {
        if (Index.ShapedLike(Name(shapeInput)) is { } name)
            return Graph.Value(name);
        var shape = Input(shapeInput);
        Dimension[]? dimensions = ConstantIntegers(shapeInput) is { } extents
            ? [.. extents.Select(Dimension.Of)]
            : shape.Type.StaticShape is [var rank] ? new Dimension[rank] : null;
        return Graph.Node("ConstantOfShape", [shape], new TensorType(type, dimensions), ("value", AttributeValue.TensorOf(0, type)));
    }

    /// <summary>A forward node with this node's attributes, for <see cref="Differentiate"/>; it is no part of the graph.</summary>
    /// <param name="operatorType">Operator of the standard domain.</param>
    /// <param name="inputs">Its inputs; a null is left out.</param>
    /// <param name="outputs">
    /// Its outputs. Where a formula takes no more of one than its type, another value of that type may stand for it.
    /// </param>
    public NodeProto Forward(string operatorType, IEnumerable<SymbolicTensor?> inputs, params IEnumerable<SymbolicTensor> outputs)
    {
        var node = new NodeProto { OpType = operatorType, Name = Node.Name };
        node.Input.AddRange(inputs.Select(static input => input?.Name ?? string.Empty));
        node.Output.AddRange(outputs.Select(static output => output.Name));
        node.Attribute.AddRange(Node.Attribute.Select(static attribute => attribute.Clone()));
        return node;
    }

    /// <summary>Writes a node of the standard domain with this node's attributes, whose output has the type of an input of this node.</summary>
    public SymbolicTensor Compute(string operatorType, IEnumerable<SymbolicTensor?> inputs, int like)
    {
        var node = Forward(operatorType, inputs);
        node.Name = Graph.NewValue(operatorType, Name(like));
        node.Output.Add(node.Name);
        Graph.Append(node);
        return Graph.Value(node.Name);
    }

    /// <summary>What this library's own rule gives for the inputs of a forward node.</summary>
    /// <param name="forward">The forward node.</param>
    /// <param name="wanted">The inputs whose gradients are wanted.</param>
    /// <param name="gradients">Gradients of the outputs, in order.</param>
    public IReadOnlyList<SymbolicTensor?> Differentiate(NodeProto forward, IReadOnlyList<int> wanted, params IReadOnlyList<SymbolicTensor?> gradients)
    {
        var rule = GradientRegistry.Default.Find(forward.OpType) ?? throw new FineTuningException($"there is no gradient of {forward.OpType}");
        var names = wanted.Where(input => input < forward.Input.Count).Select(input => forward.Input[input]).ToHashSet();
        var context = new GradientContext(
            Graph, forward, gradients, names.Contains, _noneQuantized,
            static _ => throw new FineTuningException("a graph inside of a node cannot be differentiated here"));
        var found = rule.Differentiate(context);
        return
        [
            .. forward.Input.Select((_, input) => wanted.Contains(input) && input < found.Count && found[input] is { } gradient
                ? rule.Broadcasts ? Broadcasting.SumTo(gradient, context.Input(input)) : gradient
                : null),
        ];
    }
}
