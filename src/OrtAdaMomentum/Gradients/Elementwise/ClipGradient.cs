namespace OrtAdaMomentum.Gradients.Elementwise;

/// <summary>
/// Limits to a range. The gradient passes where the input is inside, the borders included; outside it goes to the limit that was put in
/// the input's place.
/// </summary>
internal static class ClipGradient
{
    public static readonly GradientRule Rule = new("Clip", static node =>
    {
        var (x, g) = (node.Input(0), node.Gradient);
        var input = x.IsEqualTo(node.Output()).Choose(g, 0);
        SymbolicTensor? low = node.HasInput(1) ? node.Input(1) : null;
        SymbolicTensor? high = node.HasInput(2) ? node.Input(2) : null;

        double[]? lowest = low is null ? [double.NegativeInfinity] : node.ConstantNumbers(1);
        double[]? highest = high is null ? [double.PositiveInfinity] : node.ConstantNumbers(2);
        if (lowest is [var from] && highest is [var to])
            input.OrBy("ClipBackward", [g, x], ("low", (float)from), ("high", (float)to));

        SymbolicTensor? ofLow = null, ofHigh = null;
        if (node.Needs(1))
        {
            var below = x.IsLessThan(low!);
            ofLow = (high is null ? below : below.And(low!.IsLessThan(high))).Choose(g, 0);
        }

        if (node.Needs(2))
        {
            // The upper limit is applied last: with the limits the wrong way round it is what comes out.
            var above = x.IsGreaterThan(high!);
            ofHigh = (low is null ? above : above.Or(high!.IsLessThan(low))).Choose(g, 0);
        }

        return [input, ofLow, ofHigh];
    })
    {
        Broadcasts = true,
    };
}
