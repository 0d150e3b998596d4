namespace OrtAdaMomentum.Gradients.Recurrent;

/// <summary>
/// A graph that runs once for every element of a sequence. The forward Scan also gives its states before each run; a Scan in the other
/// direction runs the graph again from them and takes the gradients of the states backwards. The gradient of a value that the graph reads
/// from around it is summed over all runs.
/// </summary>
internal static class ScanGradient
{
    public static readonly GradientRule Rule = new("Scan", Differentiate)
    {
        DifferentiatesBodies = true,
        Note = "states of all runs are kept in memory; the graph inside is run a second time",
    };

    private static IReadOnlyList<SymbolicTensor?> Differentiate(GradientContext node)
    {
        var forward = new ForwardScan(node);
        var scan = new ScanBuilder(node.Graph);
        var names = forward.CopyInto(scan);

        // What the last states and the collected values of a run pass back into it.
        var differentiable = Enumerable.Range(0, forward.States).Where(forward.IsDifferentiable).ToList();
        var states = differentiable.ToDictionary(static index => index, index => scan.State(node.OutputGradientOrZero(index)));
        var given = states.Select(pair => (forward.OutputName(pair.Key, names), pair.Value)).ToList();
        for (int index = forward.States; index < node.OutputCount; index++)
        {
            if (node.OutputGradient(index) is { } gradient)
                given.Add((forward.OutputName(index, names), scan.Slice(gradient, !forward.OutputIsBackwards(index), forward.OutputAxis(index))));
        }

        var slices = Enumerable.Range(forward.States, node.InputCount - forward.States).Where(node.Needs).ToList();
        string[] inputs = [.. differentiable.Concat(slices).Select(index => forward.InputName(index, names))];
        var captured = node.CapturesInNeed;
        var gradients = node.DifferentiateBody(scan.Body, given, [.. inputs.Concat(captured).Distinct()]);

        var next = differentiable.Select(index => gradients.GetValueOrDefault(forward.InputName(index, names)) ?? scan.Body.ZerosLike(states[index]))
            .ToList();
        var sums = captured.Where(gradients.ContainsKey).ToList();
        foreach (string name in sums)
            next.Add(scan.State(node.Graph.ZerosLike(node.Graph.Value(name))) + gradients[name]);
        var places = slices.Where(index => gradients.ContainsKey(forward.InputName(index, names))).ToDictionary(
            static index => index,
            index => scan.Collect(gradients[forward.InputName(index, names)], !forward.InputIsBackwards(index), forward.InputAxis(index)));
        var results = scan.Write(next);

        for (int index = 0; index < sums.Count; index++)
            node.Give(sums[index], results.States[differentiable.Count + index]);
        return
        [
            .. Enumerable.Range(0, node.InputCount).Select(index =>
                index < forward.States
                    ? differentiable.IndexOf(index) is var place and >= 0 ? results.States[place] : null
                    : places.TryGetValue(index, out int collected) ? results.Collected[collected].WithType(node.Input(index).Type) : null),
        ];
    }
}
