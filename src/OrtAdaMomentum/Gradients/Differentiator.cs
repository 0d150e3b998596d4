using OrtAdaMomentum.Gradients.ControlFlow;
using OrtAdaMomentum.Gradients.Coverage;
using OrtAdaMomentum.Gradients.Quantization;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <summary>
/// Reverse-mode differentiation of a graph. Visits the nodes between the targets and the loss from the loss backwards; sums the gradients
/// of a value used several times, and sums broadcast gradients down to their input, here and nowhere else.
/// </summary>
internal sealed class Differentiator
{
    private readonly GradientRegistry _registry;
    private readonly GraphBuilder _graph;
    private IReadOnlyList<NodeProto> _forward;
    private readonly long _opset;
    private readonly QuantizedValues _quantized;
    private readonly Dictionary<string, SymbolicTensor> _gradients = [];
    private readonly Dictionary<string, List<SymbolicTensor>> _contributions = [];
    private readonly List<UnsupportedNode> _unsupported = [];
    private RunTimeChoices? _choices;

    /// <summary>Prepares to differentiate the nodes that <paramref name="graph"/> holds now.</summary>
    /// <param name="graph">The graph at the internal opset; nodes are in topological order.</param>
    /// <param name="registry">Rules.</param>
    /// <param name="opset">Opset of the model as it was given, for messages.</param>
    public Differentiator(GraphBuilder graph, GradientRegistry registry, long opset)
    {
        _graph = graph;
        _registry = registry;
        _opset = opset;
        _quantized = new QuantizedValues(graph, registry);
        _forward = [.. graph.Graph.Node];
    }

    /// <summary>The nodes that are differentiated, in order; compositions are written out in them.</summary>
    public IReadOnlyList<NodeProto> Forward => _forward;

    /// <summary>Writes the gradient of <paramref name="loss"/>, a scalar, with respect to each of <paramref name="targets"/>.</summary>
    /// <returns>The gradients by target. A target that the loss does not depend on is left out.</returns>
    /// <exception cref="UnsupportedOperatorException">Some nodes on the way have no gradient.</exception>
    public IReadOnlyDictionary<string, SymbolicTensor> Differentiate(SymbolicTensor loss, IReadOnlyCollection<string> targets) =>
        Differentiate([(loss.Name, loss.Like(1))], targets);

    /// <summary>Writes the gradients of a scalar with respect to each of <paramref name="targets"/>, given those of some later values.</summary>
    /// <returns>The gradients by target. A target that none of these values depends on is left out.</returns>
    /// <exception cref="UnsupportedOperatorException">Some nodes on the way have no gradient.</exception>
    public IReadOnlyDictionary<string, SymbolicTensor> Differentiate(
        IReadOnlyCollection<(string Value, SymbolicTensor Gradient)> given, IReadOnlyCollection<string> targets)
    {
        string[] sources = [.. given.Select(static pair => pair.Value)];
        var active = ActiveValues(sources, targets);
        if (WriteOutCompositions(active))
            active = ActiveValues(sources, targets);
        var visited = _forward
            .Where(node => node.Output.Any(active.Contains) && (node.Input.Any(active.Contains) || ReadsInSubgraph(node, active)))
            .ToList();
        foreach (var node in visited)
            Check(node, active);
        ThrowIfUnsupported();

        foreach (var (value, gradient) in given)
            Contribute(value, gradient);
        for (int index = visited.Count - 1; index >= 0; index--)
            Visit(visited[index], active);
        ThrowIfUnsupported();

        return targets.Where(target => active.Contains(target) && GradientOf(target) is not null)
            .ToDictionary(static target => target, target => GradientOf(target)!);
    }

    /// <summary>Puts the parts of compositions in the place of those nodes that a gradient has to pass.</summary>
    private bool WriteOutCompositions(HashSet<string> active)
    {
        var passed = _forward
            .Where(node => node.Output.Any(active.Contains) && node.Input.Any(active.Contains))
            .Where(node => _registry.FindComposition(node.OpType, node.Domain) is not null)
            .ToHashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        if (passed.Count == 0)
            return false;

        _graph.Rewrite(node =>
        {
            if (!passed.Contains(node))
                return null;
            try
            {
                return _registry.FindComposition(node.OpType, node.Domain)!.WriteOut(new NodeContext(_graph, node));
            }
            catch (FineTuningException problem)
            {
                Report(node, problem.Message);
                return null;
            }
        });
        ThrowIfUnsupported();
        _forward = [.. _graph.Graph.Node];
        return true;
    }

    /// <summary>The values that depend on a target and on which the loss depends, by paths along which gradients flow.</summary>
    private HashSet<string> ActiveValues(IEnumerable<string> sources, IReadOnlyCollection<string> targets)
    {
        var reached = new HashSet<string>(targets);
        foreach (var node in _forward)
        {
            if (!node.Input.Where((input, index) => reached.Contains(input) && Carries(node, index)).Any() && !ReadsInSubgraph(node, reached))
                continue;
            _quantized.Follow(node);
            reached.UnionWith(node.Output.Where(output => output.Length > 0 && CanCarry(output)));
        }

        var needed = new HashSet<string>(sources);
        foreach (var node in _forward.Reverse())
        {
            if (!node.Output.Any(output => needed.Contains(output) && reached.Contains(output)))
                continue;
            needed.UnionWith(node.Input.Where((input, index) => reached.Contains(input) && Carries(node, index)));
            // What a sub-graph reads from outside is used like an input; where no gradient can be written through it, that is said later.
            needed.UnionWith(Captures(node).Where(reached.Contains));
        }

        needed.IntersectWith(reached);
        return needed;
    }

    private bool Carries(NodeProto node, int input) =>
        !_registry.IsNonDifferentiable(node.OpType, node.Domain)
        && CanCarry(node.Input[input])
        && !_registry.SteeringInputs(node.OpType, node.Domain).Contains(input);

    private bool CanCarry(string value) =>
        !_graph.IsTyped(value) || _graph.Value(value).ElementType.IsFloatingPoint() || _quantized.Contains(value);

    private static bool ReadsInSubgraph(NodeProto node, HashSet<string> reached) => Captures(node).Any(reached.Contains);

    private static IEnumerable<string> Captures(NodeProto node) => SubGraphs.Of(node).SelectMany(SubGraphs.Captures);

    private void Check(NodeProto node, HashSet<string> active)
    {
        if (_quantized.Refusal(node) is { } refusal)
            Report(node, refusal);
        else if (_registry.Find(node.OpType, node.Domain) is null)
            Report(node, ReasonWithoutRule(node));
        else if (ReadsInSubgraph(node, active) && _registry.Find(node.OpType, node.Domain) is not { DifferentiatesBodies: true })
            Report(node, "its sub-graph uses a value that needs a gradient");
    }

    private string ReasonWithoutRule(NodeProto node) =>
        (_choices ??= new RunTimeChoices(_graph.Graph)).Reason(node)
        ?? _registry.Without(node.OpType, node.Domain)?.Reason
        ?? GradientCoverage.NoRule;

    private void Visit(NodeProto node, HashSet<string> active)
    {
        var outputGradients = node.Output.Select(output => output.Length > 0 && active.Contains(output) ? GradientOf(output) : null).ToList();
        if (outputGradients.All(static gradient => gradient is null))
            return;

        var rule = _registry.Find(node.OpType, node.Domain)!;
        var context = new GradientContext(
            _graph, node, outputGradients, active.Contains, _quantized, body => new Differentiator(body, _registry, _opset));
        IReadOnlyList<SymbolicTensor?> gradients;
        try
        {
            gradients = rule.Differentiate(context);
        }
        catch (UnsupportedOperatorException problem)
        {
            // Nodes of a graph inside this one.
            _unsupported.AddRange(problem.Nodes);
            return;
        }
        catch (FineTuningException problem)
        {
            Report(node, problem.Message);
            return;
        }

        foreach (var (value, gradient) in context.Captured)
            Contribute(value, gradient);

        for (int index = 0; index < node.Input.Count; index++)
        {
            if (!active.Contains(node.Input[index]) || !Carries(node, index))
                continue;
            if (index >= gradients.Count || gradients[index] is not { } gradient)
                continue;
            Contribute(node.Input[index], rule.Broadcasts ? Broadcasting.SumTo(gradient, context.Input(index), OtherShapes(node, index)) : gradient);
        }
    }

    private List<IReadOnlyList<Dimension>?> OtherShapes(NodeProto node, int input) =>
    [
        .. node.Input.Where((name, index) => index != input && name.Length > 0)
            .Select(name => _graph.IsTyped(name) ? _graph.Value(name).Type.Shape : null),
    ];

    private void Contribute(string value, SymbolicTensor gradient)
    {
        if (!_contributions.TryGetValue(value, out var list))
            _contributions[value] = list = [];
        list.Add(gradient);
    }

    /// <summary>The gradient of a value, as far as it has been found.</summary>
    public SymbolicTensor? GradientOf(string value)
    {
        if (_gradients.TryGetValue(value, out var known))
            return known;
        if (!_contributions.TryGetValue(value, out var parts))
            return null;
        // All contributions are the value's own shape, so the sum never broadcasts.
        var sum = parts.Count <= 2 ? parts.Aggregate(static (left, right) => left + right) : _graph.Node("Sum", [.. parts], parts[0].Type);
        return _gradients[value] = sum;
    }

    private void Report(NodeProto node, string reason) =>
        _unsupported.Add(new UnsupportedNode(node.Name.Length > 0 ? node.Name : node.Output[0], node.OpType, node.Domain, _opset, reason));

    private void ThrowIfUnsupported()
    {
        if (_unsupported.Count > 0)
            throw new UnsupportedOperatorException(_unsupported);
    }
}
