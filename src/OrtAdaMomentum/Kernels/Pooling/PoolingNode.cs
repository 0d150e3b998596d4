using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels.Pooling;

/// <summary>Attributes of a pooling over planes: <c>kernel</c>, <c>strides</c>, <c>dilations</c> and <c>pads</c> (before, then after).</summary>
internal sealed class PoolingNode
{
    private readonly WindowAxis _rows;
    private readonly WindowAxis _columns;

    public PoolingNode(KernelAttributes node)
    {
        long[] kernel = node.Integers("kernel")!, strides = node.Integers("strides")!;
        long[] dilations = node.Integers("dilations")!, pads = node.Integers("pads")!;
        _rows = Axis(0);
        _columns = Axis(1);

        WindowAxis Axis(int axis) => new()
        {
            Taps = (nint)kernel[axis], Stride = (nint)strides[axis], Dilation = (nint)dilations[axis], Before = (nint)pads[axis],
            After = (nint)pads[axis + 2],
        };
    }

    /// <summary>The axes of the windows, given input and output.</summary>
    public (WindowAxis Rows, WindowAxis Columns) Over(in KernelShape input, in KernelShape output)
    {
        var (rows, columns) = (_rows, _columns);
        (rows.Elements, rows.Windows) = ((nint)input[2], (nint)output[2]);
        (columns.Elements, columns.Windows) = ((nint)input[3], (nint)output[3]);
        return (rows, columns);
    }

    /// <summary>The axes of as many windows as fit over an input.</summary>
    public (WindowAxis Rows, WindowAxis Columns) Over(in KernelShape input)
    {
        var (rows, columns) = (_rows, _columns);
        (rows.Elements, columns.Elements) = ((nint)input[2], (nint)input[3]);
        (rows.Windows, columns.Windows) = (rows.Fitting, columns.Fitting);
        return (rows, columns);
    }
}
