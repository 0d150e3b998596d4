using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Attention;

/// <summary>
/// The masks of ONNX Runtime's attention operators as what they add to the scores: a configured number where a key is padding, the lowest
/// number of all where it comes later than the query.
/// </summary>
internal static class KeyMask
{
    /// <summary>What the masks of a node add; null when there is none.</summary>
    /// <param name="node">The node, for its attributes.</param>
    /// <param name="mask">Lengths [batch] (then starts, in Attention), or flags [batch, keys] or [batch, queries, keys]; null when not given.</param>
    /// <param name="scores">The scores [batch, heads, queries, keys].</param>
    /// <param name="past">Keys of earlier steps [batch, heads, positions, size]; null when there are none.</param>
    public static SymbolicTensor? Added(NodeContext node, SymbolicTensor? mask, SymbolicTensor scores, SymbolicTensor? past)
    {
        SymbolicTensor? added = null;
        // A mask that is the same for every key changes nothing.
        if (mask is not null && !(mask.Rank == 2 && mask.Shape[1].Is(1)))
        {
            var kept = mask.Rank switch
            {
                1 => KeptByLength(mask, scores),
                2 => mask.IsGreaterThan(0).Unsqueeze(1, 2),
                3 => mask.IsGreaterThan(0).Unsqueeze(1),
                _ => throw new FineTuningException("a mask of four axes is not supported by ONNX Runtime on the CPU; give one of three"),
            };
            added = kept.Choose(scores.Like(0), node.Number("mask_filter_value", -10000));
        }

        return node.Integer("unidirectional", 0) == 1
            ? Later(scores, past).Choose(scores.ElementType.Lowest(), added ?? scores.Like(0))
            : added;
    }

    /// <summary>The keys before the length of each sample and, where the mask goes on, from its start on.</summary>
    private static SymbolicTensor KeptByLength(SymbolicTensor mask, SymbolicTensor scores)
    {
        var graph = mask.Graph;
        var batch = scores.ExtentOf(0);
        mask = mask.Cast(ElementType.Int64);
        var places = Places(scores, 3);
        if (mask.Shape[0].CertainlyEquals(scores.Shape[0]))
            return places.IsLessThan(mask.Unsqueeze(1, 2, 3));

        var type = new TensorType(ElementType.Int64, [scores.Shape[0]]);
        var zero = graph.Integers(0);
        var ends = graph.Node("Slice", [mask, zero, batch], type);
        // Without starts a row of zeros is read in their place. Attention knows them where there are two numbers for each sample.
        var none = graph.Node("Expand", [zero, batch], type);
        var two = batch * 2;
        var starts = graph.Node("Slice", [SymbolicTensor.Concat(0, mask, none), batch, two], type);
        var hasStarts = mask.ExtentOf(0).IsEqualTo(two);
        starts = hasStarts.Choose(starts, none);
        var late = places.IsLessThan(starts.Unsqueeze(1, 2, 3));
        return places.IsLessThan(ends.Unsqueeze(1, 2, 3)).And(late.Unary("Not"));
    }

    private static SymbolicTensor Later(SymbolicTensor scores, SymbolicTensor? past)
    {
        var queries = Places(scores, 2).Unsqueeze(1);
        var last = past is null ? queries : queries + past.ExtentOf(2);
        var later = Places(scores, 3).IsGreaterThan(last);
        if (past is not null || scores.Shape[2].CertainlyEquals(scores.Shape[3]))
            return later;
        // With more keys than queries the runtime lets the last query see them all.
        return later.And(queries.IsLessThan(scores.ExtentOf(2) - 1));
    }

    /// <summary>The numbers 0, 1, 2 and so on, one for each place along an axis.</summary>
    public static SymbolicTensor Places(SymbolicTensor x, int axis)
    {
        var graph = x.Graph;
        var count = x.Shape[axis] is { IsStatic: true } known ? graph.Scalar(known.Extent, ElementType.Int64) : x.ExtentOf(axis).Squeeze(0);
        return graph.CountTo(count, x.Shape[axis]);
    }
}
