using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients;

/// <summary>
/// Writes a Scan: a graph that runs once for every element along an axis of its inputs, and hands its states from one run to the next.
/// States and slices are declared, formulas are written with them, then <see cref="Write"/> adds the node.
/// </summary>
public sealed class ScanBuilder
{
    private readonly GraphBuilder _graph;
    private readonly List<(SymbolicTensor Initial, string Name)> _states = [];
    private readonly List<Input> _inputs = [];
    private readonly List<(SymbolicTensor Value, int Axis, bool Backwards)> _outputs = [];

    /// <summary>Begins a Scan in <paramref name="graph"/>.</summary>
    public ScanBuilder(GraphBuilder graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        _graph = graph;
        Body = graph.BeginBody();
    }

    /// <summary>The graph of one run. Its formulas may read values of the graphs around it as they are.</summary>
    public GraphBuilder Body { get; }

    /// <summary>Declares a state.</summary>
    /// <param name="initial">Its value in the first run.</param>
    /// <returns>Its value in the present run.</returns>
    public SymbolicTensor State(SymbolicTensor initial)
    {
        ArgumentNullException.ThrowIfNull(initial);
        var state = Body.NewInput(initial.Type);
        _states.Add((initial, state.Name));
        return state;
    }

    /// <summary>Declares an input that is taken apart along an axis, from its end when <paramref name="backwards"/>.</summary>
    /// <returns>The element of the present run.</returns>
    public SymbolicTensor Slice(SymbolicTensor whole, bool backwards = false, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(whole);
        int place = axis < 0 ? axis + whole.Rank : axis;
        var element = whole.Type with { Shape = [.. whole.Shape.Where((_, index) => index != place)] };
        return Slice(() => whole, element, backwards, place);
    }

    /// <summary>Says that the values of all runs are wanted, one behind the other along an axis, or one before the other.</summary>
    /// <returns>The place among what was collected.</returns>
    public int Collect(SymbolicTensor value, bool backwards = false, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(value);
        _outputs.Add((value, axis, backwards));
        return _outputs.Count - 1;
    }

    /// <summary>Writes the node. Slices that nothing reads are left out.</summary>
    /// <param name="next">The states of the next run, in the order of their declaration.</param>
    public ScanResults Write(params IReadOnlyList<SymbolicTensor> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        if (next.Count != _states.Count || _inputs.Count == 0)
            throw new InvalidOperationException($"A Scan of {_states.Count} states got {next.Count} next ones and {_inputs.Count} inputs.");
        foreach (var value in next.Concat(_outputs.Select(static output => output.Value)))
            Body.AddBodyOutput(value);
        UnusedNodes.Remove(Body.Graph);

        var read = SubGraphs.ReadNames(Body.Graph);
        var used = _inputs.Where(input => read.Contains(input.Name)).ToList();
        if (used.Count == 0)
            used.Add(_inputs[0]);
        foreach (string name in _states.Select(static state => state.Name).Concat(used.Select(static input => input.Name)))
            Body.DeclareInput(name);

        SymbolicTensor[] wholes = [.. used.Select(static input => input.Whole())];
        var length = wholes[0].Shape[used[0].Axis];
        TensorType[] types =
        [
            .. _states.Select(static state => state.Initial.Type),
            .. _outputs.Select(output => Stacked(output.Value.Type, output.Axis, length)),
        ];
        var results = _graph.Nodes(
            "Scan", [.. _states.Select(static state => state.Initial), .. wholes], types,
            ("body", AttributeValue.GraphOf(Body.Graph)),
            ("num_scan_inputs", (long)used.Count),
            ("scan_input_axes", used.Select(static input => (long)input.Axis).ToArray()),
            ("scan_input_directions", used.Select(static input => input.Backwards ? 1L : 0L).ToArray()),
            ("scan_output_axes", _outputs.Select(static output => (long)output.Axis).ToArray()),
            ("scan_output_directions", _outputs.Select(static output => output.Backwards ? 1L : 0L).ToArray()));
        return new ScanResults(results[.._states.Count], results[_states.Count..]);
    }

    /// <summary>Declares an input that is asked for only if something reads it in the end.</summary>
    internal SymbolicTensor Slice(Func<SymbolicTensor> whole, TensorType element, bool backwards, int axis)
    {
        var slice = Body.NewInput(element);
        _inputs.Add(new Input(whole, slice.Name, axis, backwards));
        return slice;
    }

    private static TensorType Stacked(TensorType type, int axis, Dimension length)
    {
        if (type.Shape is not { } shape)
            return type;
        int place = axis < 0 ? axis + shape.Count + 1 : axis;
        return type with { Shape = [.. shape.Take(place), length, .. shape.Skip(place)] };
    }

    private sealed record Input(Func<SymbolicTensor> Whole, string Name, int Axis, bool Backwards);
}

/// <summary>What a Scan gives.</summary>
/// <param name="States">The states behind the last run.</param>
/// <param name="Collected">What was collected over all runs.</param>
public sealed record ScanResults(IReadOnlyList<SymbolicTensor> States, IReadOnlyList<SymbolicTensor> Collected);
