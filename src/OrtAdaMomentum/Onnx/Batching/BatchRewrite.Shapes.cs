using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Batching;

/// <content>Operators that move, join or drop axes.</content>
internal sealed partial class BatchRewrite
{
    private void FollowReshape(NodeProto node)
    {
        BatchPosition position = Carried(node);
        string output = node.Output[0];
        long[]? target = ConstantInts(node, 1);
        if (FixedShape(node.Input[0]) is not { } from || FixedShape(output) is not { } to)
        {
            _positions[output] = FollowOpenReshape(node, position, target);
            return;
        }

        BatchPosition after = position.Reshaped(from, to) ?? throw Stuck($"{NodeNames.Describe(node)} splits the samples");
        _positions[output] = after;
        bool copies = target is not null && target[after.Axis] == 0 && after.Axis == position.Axis && node.IntOr("allowzero", 0) == 0;
        if (target is null || target[after.Axis] == -1 || copies)
            return;
        if (to.Contains(0))
            throw Stuck($"{NodeNames.Describe(node)} makes an empty tensor");
        // Where the batch axis keeps its place it is copied (0), so that its extent keeps its name; else it is what remains (-1).
        bool stays = after == position && from[position.Axis] == 1 && to[after.Axis] == 1 && node.IntOr("allowzero", 0) == 0;
        long[] open = [.. to];
        open[after.Axis] = stays ? 0 : -1;
        node.Input[1] = AddConstant(output + "/shape", open);
    }

    /// <summary>With other free axes only the plain case is followed: the samples stay in front.</summary>
    private BatchPosition FollowOpenReshape(NodeProto node, BatchPosition position, long[]? target)
    {
        if (position != new BatchPosition(0))
            throw Stuck($"{NodeNames.Describe(node)} reshapes samples that are not in front");
        bool copiesZeros = node.IntOr("allowzero", 0) == 0;
        if (target is null || target.Length == 0 || target[0] == -1 || (target[0] == 0 && copiesZeros))
            return position;
        if (target[0] != 1 && target.Contains(-1))
            throw Stuck($"{NodeNames.Describe(node)} merges the samples with another axis");
        if (target.Contains(-1) && !copiesZeros)
            throw Stuck($"{NodeNames.Describe(node)} has a shape with zeros");
        long[] open = [.. target];
        open[0] = target.Contains(-1) ? 0 : -1;
        node.Input[1] = AddConstant(node.Output[0] + "/shape", open);
        return position;
    }

    private void FollowFlatten(NodeProto node)
    {
        BatchPosition position = Carried(node);
        IReadOnlyList<Dimension> shape = Shape(node.Input[0]);
        int split = Normalize(node.IntOr("axis", 1), shape.Count);
        int first = position.Axis < split ? 0 : split;
        long before = position.Before;
        for (int axis = first; axis < position.Axis; axis++)
            before *= shape[axis].IsStatic ? shape[axis].Extent : throw Stuck($"{NodeNames.Describe(node)} merges free axes in front of the samples");
        _positions[node.Output[0]] = new BatchPosition(position.Axis < split ? 0 : 1, before);
    }

    private void FollowTranspose(NodeProto node)
    {
        BatchPosition position = Carried(node);
        int rank = Shape(node.Input[0]).Count;
        long[] order = node.Ints("perm") ?? [.. Enumerable.Range(0, rank).Select(axis => (long)(rank - 1 - axis))];
        _positions[node.Output[0]] = position with { Axis = Array.IndexOf(order, position.Axis) };
    }

    private void FollowSqueeze(NodeProto node)
    {
        BatchPosition position = Carried(node);
        IReadOnlyList<Dimension> shape = Shape(node.Input[0]);
        long[] axes;
        if (HasInput(node, 1))
        {
            axes = ConstantInts(node, 1) ?? throw Stuck($"{NodeNames.Describe(node)} has computed axes");
            axes = [.. axes.Select(axis => (long)Normalize(axis, shape.Count))];
        }
        else
        {
            // "All axes of one element" included the batch axis, which has more from now on.
            axes = [.. Enumerable.Range(0, shape.Count).Where(axis => shape[axis].Is(1) && axis != position.Axis).Select(axis => (long)axis)];
            while (node.Input.Count < 2)
                node.Input.Add("");
            node.Input[1] = AddConstant(node.Output[0] + "/axes", axes);
            _rankChanged = shape[position.Axis].Is(1);
        }

        if (axes.Contains(position.Axis))
            throw Stuck($"{NodeNames.Describe(node)} removes the batch axis");
        _positions[node.Output[0]] = position with { Axis = position.Axis - axes.Count(axis => axis < position.Axis) };
    }

    private void FollowUnsqueeze(NodeProto node)
    {
        BatchPosition position = Carried(node);
        long[] axes = ConstantInts(node, 1) ?? throw Stuck($"{NodeNames.Describe(node)} has computed axes");
        int rank = Shape(node.Input[0]).Count + axes.Length;
        HashSet<int> added = [.. axes.Select(axis => Normalize(axis, rank))];
        int[] old = [.. Enumerable.Range(0, rank).Where(axis => !added.Contains(axis))];
        _positions[node.Output[0]] = position with { Axis = old[position.Axis] };
    }

    private long[] ReducedAxes(NodeProto node)
    {
        if (HasInput(node, 1))
            return ConstantInts(node, 1) ?? throw Stuck($"{NodeNames.Describe(node)} has computed axes");
        return node.IntOr("noop_with_empty_axes", 0) != 0
            ? []
            : [.. Enumerable.Range(0, Shape(node.Input[0]).Count).Select(axis => (long)axis)];
    }

    private void FollowReduction(NodeProto node, long[] axes)
    {
        BatchPosition position = Carried(node);
        int rank = Shape(node.Input[0]).Count;
        int[] reduced = [.. axes.Select(axis => Normalize(axis, rank))];
        if (reduced.Contains(position.Axis))
            throw Stuck($"{NodeNames.Describe(node)} reduces over the samples");
        bool keeps = node.IntOr("keepdims", 1) != 0;
        _positions[node.Output[0]] = position with { Axis = position.Axis - (keeps ? 0 : reduced.Count(axis => axis < position.Axis)) };
    }

    private void FollowGather(NodeProto node)
    {
        int dataRank = Shape(node.Input[0]).Count, indexRank = Shape(node.Input[1]).Count;
        int axis = Normalize(node.IntOr("axis", 0), dataRank);
        bool indexCarries = _positions.TryGetValue(node.Input[1], out BatchPosition ofIndex);
        bool dataCarries = _positions.TryGetValue(node.Input[0], out BatchPosition ofData);
        if (indexCarries && dataCarries)
            throw Stuck($"{NodeNames.Describe(node)} picks from the samples by other samples");
        if (dataCarries && ofData.Axis == axis)
            throw Stuck($"{NodeNames.Describe(node)} picks one of the samples");
        _positions[node.Output[0]] = indexCarries
            ? ofIndex with { Axis = axis + ofIndex.Axis }
            : ofData with { Axis = ofData.Axis < axis ? ofData.Axis : ofData.Axis + indexRank - 1 };
    }

    private void FollowOneHot(NodeProto node)
    {
        BatchPosition position = Carried(node);
        int axis = Normalize(node.IntOr("axis", -1), Shape(node.Input[0]).Count + 1);
        _positions[node.Output[0]] = axis <= position.Axis ? position with { Axis = position.Axis + 1 } : position;
    }

    private static int Normalize(long axis, int rank)
    {
        long counted = axis < 0 ? axis + rank : axis;
        return counted >= 0 && counted <= rank ? (int)counted : throw Stuck($"axis {axis} does not exist among {rank}");
    }
}
