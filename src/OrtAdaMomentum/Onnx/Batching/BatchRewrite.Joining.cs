using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Batching;

/// <content>Operators whose other inputs must be repeated for every sample, because nothing broadcasts them.</content>
internal sealed partial class BatchRewrite
{
    private void FollowConcat(NodeProto node)
    {
        string carrier = node.Input.First(_positions.ContainsKey);
        BatchPosition position = _positions[carrier];
        if ((int)node.IntOr("axis", 0) is var axis && (axis < 0 ? axis + Shape(carrier).Count : axis) == position.Axis)
            throw Stuck($"{NodeNames.Describe(node)} joins samples one behind the other");
        for (int index = 0; index < node.Input.Count; index++)
        {
            if (!_positions.TryGetValue(node.Input[index], out BatchPosition other))
                node.Input[index] = Repeat(node, node.Input[index], position.Axis, carrier);
            else if (other != position)
                throw Stuck($"{NodeNames.Describe(node)} combines samples that lie on different axes");
        }

        _positions[node.Output[0]] = position;
    }

    private void FollowRecurrent(NodeProto node)
    {
        if (Carried(node) != new BatchPosition(1) || node.IntOr("layout", 0) != 0)
            throw Stuck($"{NodeNames.Describe(node)} has its samples on an unusual axis");
        for (int index = 4; index < Math.Min(node.Input.Count, 7); index++)
        {
            // Input 4 has one length for each sample, 5 and 6 one state for each direction and sample.
            int axis = index == 4 ? 0 : 1;
            if (!HasInput(node, index))
                continue;
            if (!_positions.TryGetValue(node.Input[index], out BatchPosition position))
                node.Input[index] = Repeat(node, node.Input[index], axis, node.Input[0]);
            else if (position != new BatchPosition(axis))
                throw Stuck($"{NodeNames.Describe(node)} has states with the samples on an unusual axis");
        }

        for (int index = 0; index < node.Output.Count; index++)
        {
            if (node.Output[index].Length > 0)
                _positions[node.Output[index]] = new BatchPosition(index == 0 ? 2 : 1);
        }
    }

    private void FollowExpand(NodeProto node)
    {
        BatchPosition position = Carried(node);
        int axis = Shape(node.Output[0]).Count - (Shape(node.Input[0]).Count - position.Axis);
        if (ConstantInts(node, 1) is { } target && axis - (Shape(node.Output[0]).Count - target.Length) is >= 0 and var place && target[place] != 1)
            throw Stuck($"{NodeNames.Describe(node)} repeats the sample");
        _positions[node.Output[0]] = position with { Axis = axis };
    }

    private void FollowResize(NodeProto node)
    {
        BatchPosition position = Carried(node);
        _positions[node.Output[0]] = position;
        if (!HasInput(node, 3) || node.Find("axes") is not null)
            return;
        long[] sizes = ConstantInts(node, 3) ?? throw Stuck($"{NodeNames.Describe(node)} has computed sizes");
        if (HasInput(node, 1))
            throw Stuck($"{NodeNames.Describe(node)} resizes regions");
        // The sizes named every axis, the batch axis too; now they name the others.
        int[] axes = [.. Enumerable.Range(0, sizes.Length).Where(axis => axis != position.Axis)];
        node.Input[3] = AddConstant(node.Output[0] + "/sizes", [.. axes.Select(axis => sizes[axis])]);
        node.With("axes", [.. axes.Select(axis => (long)axis)]);
    }

    /// <summary>A value with one entry on <paramref name="axis"/> as one with an entry for each sample of <paramref name="carrier"/>.</summary>
    private string Repeat(NodeProto user, string value, int axis, string carrier)
    {
        IReadOnlyList<Dimension> shape = Shape(value);
        int carrierAxis = _positions[carrier].Axis;
        if (axis >= shape.Count || !(shape[axis].Is(1) || !shape[axis].IsStatic) || !Shape(carrier)[carrierAxis].Is(1))
            throw Stuck($"{NodeNames.Describe(user)} uses '{value}', which cannot be repeated for every sample");

        string count = Emit(user.Name, new NodeProto { OpType = "Shape", Input = { carrier } }.With("start", carrierAxis).With("end", carrierAxis + 1));
        string before = AddConstant(value + "/before", [.. Enumerable.Repeat(1L, axis)]);
        string after = AddConstant(value + "/after", [.. Enumerable.Repeat(1L, shape.Count - axis - 1)]);
        string target = Emit(user.Name, new NodeProto { OpType = "Concat", Input = { before, count, after } }.With("axis", 0));
        return Emit(user.Name, new NodeProto { OpType = "Expand", Input = { value, target } });
    }
}
