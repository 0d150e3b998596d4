using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>
/// Attributes of a convolution over one or two axes: <c>filter</c>, its shape; <c>strides</c>, <c>dilations</c>, <c>pads</c> (before, then
/// after) and <c>group</c>; and, where no tensor tells them, <c>extents</c> of the input along these axes. One axis is that of columns, in
/// planes of one row.
/// </summary>
internal sealed class ConvolutionNode
{
    // What an extent that only the run tells is taken for where it is to be judged which kernel is faster.
    private const int OpenExtent = 32;

    private readonly ConvolutionShape _shape;
    private readonly long[]? _extents;

    public ConvolutionNode(KernelAttributes node)
        : this(node.Integers("filter")!, node.Integers("strides")!, node.Integers("dilations")!, node.Integers("pads")!, node.Integer("group", 1), node.Integers("extents"))
    {
    }

    public ConvolutionNode(OfferedNode node)
        : this(node.Integers("filter")!, node.Integers("strides")!, node.Integers("dilations")!, node.Integers("pads")!, node.Integer("group", 1), node.Integers("extents"))
    {
    }

    private ConvolutionNode(long[] filter, long[] strides, long[] dilations, long[] pads, long group, long[]? extents)
    {
        _extents = extents;
        int groups = checked((int)group), rank = filter.Length;
        Filter = filter;
        _shape = new ConvolutionShape
        {
            InputChannels = checked((int)filter[1] * groups), OutputChannels = checked((int)filter[0]), Groups = groups,
            KernelHeight = OfRows(filter[2], 1), KernelWidth = checked((int)filter[rank - 1]),
            StrideHeight = OfRows(strides[0], 1), StrideWidth = checked((int)strides[rank - 3]),
            DilationHeight = OfRows(dilations[0], 1), DilationWidth = checked((int)dilations[rank - 3]),
            PadTop = OfRows(pads[0], 0), PadLeft = checked((int)pads[rank - 3]),
            PadBottom = OfRows(pads[rank - 2], 0), PadRight = checked((int)pads[^1]),
        };

        int OfRows(long given, int otherwise) => HasRows ? checked((int)given) : otherwise;
    }

    /// <summary>Shape of the filter.</summary>
    public long[] Filter { get; }

    private bool HasRows => Filter.Length == 4;

    /// <summary>Shape of the output.</summary>
    public KernelShape Output(in ConvolutionShape shape) => HasRows
        ? KernelShape.Of(shape.Batch, shape.OutputChannels, shape.OutputHeight, shape.OutputWidth)
        : KernelShape.Of(shape.Batch, shape.OutputChannels, shape.OutputWidth);

    /// <summary>Extents of a node that is offered, as far as they are known before it runs.</summary>
    /// <param name="offer">The node.</param>
    /// <param name="input">Which of its inputs the convolution moves over; where it is not read, the first one is the output's gradient.</param>
    public static ConvolutionShape Of(OfferedNode offer, int input)
    {
        ConvolutionNode node = new(offer);
        var shape = node._shape;
        var known = offer.InputShape(input) ?? offer.InputShape(0);
        shape.Batch = Extent(0);
        shape.InputHeight = node.HasRows ? Extent(2) : 1;
        shape.InputWidth = Extent(node.Filter.Length - 1);
        return shape;

        int Extent(int axis) => axis > 1 && node._extents is { } extents ? checked((int)extents[axis - 2])
            : known?.Count == node.Filter.Length && known[axis].IsStatic ? checked((int)known[axis].Extent)
            : OpenExtent;
    }

    /// <summary>Shape of the input where no tensor tells it.</summary>
    /// <exception cref="FineTuningException">Its extents are not given either.</exception>
    public KernelShape Input(long batch)
    {
        if (_extents?.Length != Filter.Length - 2)
            throw new FineTuningException($"The input of a convolution is missing, and so are its extents, expected {Filter.Length - 2} of them.");
        return HasRows
            ? KernelShape.Of(batch, _shape.InputChannels, _extents[0], _extents[1])
            : KernelShape.Of(batch, _shape.InputChannels, _extents[0]);
    }

    /// <summary>All extents, given an input.</summary>
    /// <exception cref="FineTuningException">The input does not fit the filter.</exception>
    public ConvolutionShape Over(in KernelShape input)
    {
        if (input.Rank != Filter.Length || input[1] != _shape.InputChannels)
        {
            throw new FineTuningException(
                $"The input of a convolution has {input.Rank} axes, expected {Filter.Length}, the second of {_shape.InputChannels}.");
        }

        var shape = _shape;
        shape.Batch = checked((int)input[0]);
        shape.InputHeight = HasRows ? checked((int)input[2]) : 1;
        shape.InputWidth = checked((int)input[-1]);
        return shape;
    }
}
