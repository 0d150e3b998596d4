using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Gradients.Quantization;

/// <summary>How the scale of a quantisation is laid over a tensor: one for all, one per place along an axis, or one per block along an axis.</summary>
internal sealed class QuantizationScale
{
    private readonly SymbolicTensor _scale;
    private readonly SymbolicTensor _x;
    private readonly int _axis;
    private readonly long _block;

    public QuantizationScale(NodeContext node)
    {
        (_x, _scale) = (node.Input(0), node.Input(1));
        _block = node.Integer("block_size", 0);
        _axis = (int)node.Integer("axis", 1);
        if (_axis < 0)
            _axis += _x.Rank;
    }

    /// <summary>Whether there is one scale for all elements; a list of a length that is not known counts as one per place.</summary>
    public bool IsSingle => _scale.Rank == 0 || _block == 0 && (_scale.Type.ElementCount == 1 || _axis >= _x.Rank);

    /// <summary>Values of the scale's shape, laid out to broadcast over the tensor.</summary>
    public SymbolicTensor Spread(SymbolicTensor values)
    {
        if (IsSingle)
            return values.Rank == 0 || _x.Rank > 0 ? values : values.Reshape();
        if (_block == 0)
            return values.Unsqueeze([.. Enumerable.Range(1, _x.Rank - 1 - _axis)]);
        return values.Graph.Node(
            "Gather", [values, Blocks()], new TensorType(values.ElementType, _x.Type.Shape), ("axis", (long)_axis));
    }

    /// <summary>The sum of a tensor's elements over all that share a scale.</summary>
    public SymbolicTensor Collect(SymbolicTensor values)
    {
        if (_block > 0)
            return CollectBlocks(values);
        if (!IsSingle)
            values = values.ReduceSum([.. Enumerable.Range(0, _x.Rank).Where(axis => axis != _axis)], keepDimensions: false);
        return Broadcasting.SumTo(values, _scale);
    }

    /// <summary>The number of the block of every place along the axis.</summary>
    private SymbolicTensor Blocks()
    {
        var graph = _x.Graph;
        if (_x.Shape[_axis] is { IsStatic: true, Extent: long extent })
            return graph.Integers([.. Enumerable.Range(0, (int)extent).Select(place => place / _block)]);
        var count = _x.ExtentOf(_axis).Reshape();
        var places = graph.Node("Range", [count.Like(0), count, count.Like(1)], new TensorType(ElementType.Int64, [_x.Shape[_axis]]));
        return places / _block;
    }

    private SymbolicTensor CollectBlocks(SymbolicTensor values)
    {
        // The last block may be shorter; zeros fill it up.
        var graph = _x.Graph;
        if (!(_scale.Shape[_axis].IsStatic && values.Shape[_axis].IsStatic))
        {
            var missing = _scale.ExtentOf(_axis) * _block - values.ExtentOf(_axis);
            var shape = values.Shape.ToArray();
            shape[_axis] = Dimension.Unknown;
            values = graph.Node(
                "Pad", [values, SymbolicTensor.Concat(0, graph.Integers(0), missing), null, graph.Integers(_axis)],
                new TensorType(values.ElementType, shape));
        }
        else
        {
            values = values.Pad([_axis], [0], [_scale.Extent(_axis) * _block - values.Extent(_axis)]);
        }

        var extents = Enumerable.Range(0, _x.Rank).Select(axis => axis == _axis ? _scale.ExtentOf(axis) : _x.ExtentOf(axis)).ToList();
        extents.Insert(_axis + 1, graph.Integers(_block));
        var dimensions = _x.Shape.ToList();
        dimensions[_axis] = _scale.Shape[_axis];
        dimensions.Insert(_axis + 1, _block);
        var blocks = dimensions.All(static dimension => dimension.IsStatic)
            ? values.Reshape([.. dimensions.Select(static dimension => dimension.Extent)])
            : graph.Node("Reshape", [values, SymbolicTensor.Concat(0, [.. extents])], new TensorType(values.ElementType, dimensions));
        return blocks.ReduceSum([_axis + 1], keepDimensions: false).WithType(_scale.Type);
    }
}
