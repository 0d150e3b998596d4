namespace OrtAdaMomentum.Gradients.Shaping;

/// <summary>
/// Updates written into data, or combined with what is there. Without a reduction no place may be repeated, as the specification has it:
/// every update then is in the output.
/// </summary>
internal static class ScatterGradient
{
    public static readonly GradientRule Elements = new("ScatterElements", static node => Differentiate(node, new ScatterTarget.Elements(node)));

    public static readonly GradientRule Tuples = new("ScatterND", static node => Differentiate(node, new ScatterTarget.Tuples(node)));

    private static IReadOnlyList<SymbolicTensor?> Differentiate(GradientContext node, ScatterTarget target) =>
        node.Text("reduction", "none") switch
        {
            "none" => [target.Clear(node.Gradient), null, target.Gather(node.Gradient)],
            "add" => [node.Gradient, null, target.Gather(node.Gradient)],
            "mul" => Product(node, target),
            "max" or "min" => Extreme(node, target),
            var other => throw new FineTuningException($"its reduction '{other}' is not known"),
        };

    /// <summary>
    /// The derivative by an element is the product of all others at its place: 0 where another is 0, else that of all elements but
    /// zeros, divided by the element unless it is the zero itself.
    /// </summary>
    private static IReadOnlyList<SymbolicTensor?> Product(GradientContext node, ScatterTarget target)
    {
        var (x, updates, g) = (node.Input(0), node.Input(2), node.Gradient);
        var ones = x.Graph.FilledLike(1, x);
        var data = node.Needs(0) ? g * target.Combine(ones, updates, "mul") : null;
        if (!node.Needs(2))
            return [data];

        var (isZero, isZeroUpdate) = (x.IsEqualTo(x.Like(0)), updates.IsEqualTo(x.Like(0)));
        var updateZeros = isZeroUpdate.Cast(x.ElementType);
        var divisor = isZeroUpdate.Choose(1, updates);
        var product = target.Combine(isZero.Choose(1, x), divisor, "mul");
        var zeros = target.Combine(isZero.Cast(x.ElementType), updateZeros, "add");
        var otherZeros = target.Gather(zeros) - updateZeros;
        return [data, null, otherZeros.IsGreaterThan(0).Choose(0, target.Gather(g * product) / divisor)];
    }

    /// <summary>The gradient goes to the data and the updates that were taken, in equal parts where several are.</summary>
    private static IReadOnlyList<SymbolicTensor?> Extreme(GradientContext node, ScatterTarget target)
    {
        var (x, updates, y) = (node.Input(0), node.Input(2), node.Output());
        var taken = x.IsEqualTo(y);
        var takenUpdates = updates.IsEqualTo(target.Gather(y));
        var count = target.Combine(taken.Cast(x.ElementType), takenUpdates.Cast(x.ElementType), "add");
        var share = node.Gradient / count;
        return [taken.Choose(share, 0), null, takenUpdates.Choose(target.Gather(share), 0)];
    }
}
