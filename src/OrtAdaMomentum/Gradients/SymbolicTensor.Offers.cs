namespace OrtAdaMomentum.Gradients;

/// <content>Offers, see <see cref="GraphBuilder"/>.</content>
public sealed partial class SymbolicTensor
{
    /// <summary>Offers one node that computes this value from others, in the place of the formula that made it.</summary>
    /// <returns>This value.</returns>
    internal SymbolicTensor OrBy(string operatorType, ReadOnlySpan<SymbolicTensor?> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        Graph.Offer(operatorType, inputs, [this], attributes);
        return this;
    }

    /// <summary>The sum over the first axes: the gradient of what was added to every row.</summary>
    internal SymbolicTensor SumOfRows(int axes, bool keepDimensions) =>
        ReduceSum([.. Enumerable.Range(0, axes)], keepDimensions)
            .OrBy("ColumnSum", [this], ("axes", (long)axes), ("keepdims", keepDimensions ? 1L : 0L));
}
