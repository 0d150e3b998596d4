using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Convolution;

/// <summary>Attributes of a convolution: <c>filter</c>, its shape; <c>strides</c>, <c>dilations</c>, <c>pads</c> (before, then after) and <c>group</c>.</summary>
internal sealed class ConvolutionNode
{
    // What an extent that only the run tells is taken for where it is to be judged which kernel is faster.
    private const int OpenExtent = 32;

    private readonly ConvolutionShape _shape;

    public ConvolutionNode(KernelAttributes node)
        : this(node.Integers("filter")!, node.Integers("strides")!, node.Integers("dilations")!, node.Integers("pads")!, node.Integer("group", 1))
    {
    }

    public ConvolutionNode(OfferedNode node)
        : this(node.Integers("filter")!, node.Integers("strides")!, node.Integers("dilations")!, node.Integers("pads")!, node.Integer("group", 1))
    {
    }

    private ConvolutionNode(long[] filter, long[] strides, long[] dilations, long[] pads, long group)
    {
        int groups = checked((int)group);
        Filter = filter;
        _shape = new ConvolutionShape
        {
            InputChannels = checked((int)filter[1] * groups), OutputChannels = checked((int)filter[0]), Groups = groups,
            KernelHeight = checked((int)filter[2]), KernelWidth = checked((int)filter[3]),
            StrideHeight = checked((int)strides[0]), StrideWidth = checked((int)strides[1]),
            DilationHeight = checked((int)dilations[0]), DilationWidth = checked((int)dilations[1]),
            PadTop = checked((int)pads[0]), PadLeft = checked((int)pads[1]), PadBottom = checked((int)pads[2]), PadRight = checked((int)pads[3]),
        };
    }

    /// <summary>Shape of the filter.</summary>
    public long[] Filter { get; }

    /// <summary>Shape of the output.</summary>
    public static KernelShape Output(in ConvolutionShape shape) =>
        KernelShape.Of(shape.Batch, shape.OutputChannels, shape.OutputHeight, shape.OutputWidth);

    /// <summary>Extents of a node that is offered, as far as they are known before it runs.</summary>
    /// <param name="offer">The node.</param>
    /// <param name="input">Which of its inputs the convolution moves over.</param>
    public static ConvolutionShape Of(OfferedNode offer, int input)
    {
        var shape = new ConvolutionNode(offer)._shape;
        var known = offer.InputShape(input);
        shape.Batch = Extent(0);
        shape.InputHeight = Extent(2);
        shape.InputWidth = Extent(3);
        return shape;

        int Extent(int axis) => known is { Count: 4 } && known[axis].IsStatic ? checked((int)known[axis].Extent) : OpenExtent;
    }

    /// <summary>All extents, given an input.</summary>
    /// <exception cref="FineTuningException">The input does not fit the filter.</exception>
    public ConvolutionShape Over(in KernelShape input)
    {
        if (input.Rank != 4 || input[1] != _shape.InputChannels)
            throw new FineTuningException($"The input of a convolution has {input.Rank} axes, expected 4, the second of {_shape.InputChannels}.");
        var shape = _shape;
        shape.Batch = checked((int)input[0]);
        shape.InputHeight = checked((int)input[2]);
        shape.InputWidth = checked((int)input[3]);
        return shape;
    }
}
