using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.RealExports.DoublePrecision;

/// <summary>Convolution as a product of matrices: the input shifted to each place of the kernel, times the weights of that place.</summary>
internal sealed class DoubleConvolution
{
    private readonly NodeWriter _writer;
    private readonly NodeProto _node;
    private readonly long[] _kernel;
    private readonly long[] _strides;
    private readonly long[] _dilations;
    private readonly long[] _output;
    private readonly string _padded;

    private DoubleConvolution(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf)
    {
        _writer = writer;
        _node = node;
        _output = shapeOf(node.Output[0]);
        int axes = _output.Length - 2;
        _kernel = node.Ints("kernel_shape") ?? shapeOf(node.Input[1])[2..];
        _strides = node.Ints("strides") ?? Ones(axes);
        _dilations = node.Ints("dilations") ?? Ones(axes);
        if (node.TextOr("auto_pad", "NOTSET") is not ("NOTSET" or "VALID"))
            throw new NotSupportedException("Automatic padding is not written out.");
        _padded = Pad(writer, node.Input[0], node.Ints("pads") ?? new long[2 * axes]);
    }

    /// <summary>A convolution of any groups.</summary>
    public static void Write(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf) =>
        new DoubleConvolution(writer, node, shapeOf).WriteProduct();

    public static void WriteAverage(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf)
    {
        var window = new DoubleConvolution(writer, node, shapeOf);
        if ((window._padded != node.Input[0] && node.IntOr("count_include_pad", 0) == 0) || node.IntOr("ceil_mode", 0) != 0)
            throw new NotSupportedException("Averages of windows that reach over the edge are not written out.");
        string[] places = [.. window.Places().Select(window.Shifted)];
        writer.NodeAs(node.Output[0], "Div", [writer.Node("Sum", places), writer.Number(places.Length)]);
    }

    /// <summary>A transposed convolution: one over the input with zeros between its elements, with the kernel turned round.</summary>
    public static void WriteTransposed(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf)
    {
        long[] x = shapeOf(node.Input[0]), w = shapeOf(node.Input[1]);
        int axes = x.Length - 2;
        long[] kernel = w[2..], strides = node.Ints("strides") ?? Ones(axes), dilations = node.Ints("dilations") ?? Ones(axes);
        long[] pads = node.Ints("pads") ?? new long[2 * axes], more = node.Ints("output_padding") ?? new long[axes];
        if (node.TextOr("auto_pad", "NOTSET") != "NOTSET" || node.Find("output_shape") is not null)
            throw new NotSupportedException("Transposed convolutions that find their padding are not written out.");

        string spread = writer.Node("Reshape", [node.Input[0], writer.Integers([x[0], x[1], .. x[2..].SelectMany(static extent => new[] { extent, 1 })])]);
        spread = writer.Node("Pad", [spread, writer.Integers([.. new long[x.Length + axes], 0, 0, .. strides.SelectMany(static stride => new[] { 0, stride - 1 })])]);
        spread = writer.Node("Reshape", [spread, writer.Integers([x[0], x[1], .. x[2..].Zip(strides, static (extent, stride) => extent * stride)])]);
        var around = new long[2 * axes];
        for (int axis = 0; axis < axes; axis++)
        {
            long reach = (kernel[axis] - 1) * dilations[axis];
            around[axis] = reach - pads[axis];
            around[axes + axis] = reach - pads[axes + axis] + more[axis] - (strides[axis] - 1);
        }

        var convolution = new NodeProto { OpType = "Conv", Output = { node.Output[0] } };
        convolution.Input.AddRange([Pad(writer, spread, around), Turned(writer, node, w), .. node.Input.Skip(2)]);
        convolution.With("kernel_shape", kernel).With("dilations", dilations).With("group", node.IntOr("group", 1));
        Write(writer, convolution, shapeOf);
    }

    /// <summary>A filter [groups * inputs, outputs, ...] as [groups * outputs, inputs, ...], backwards along the other axes.</summary>
    private static string Turned(NodeWriter writer, NodeProto node, long[] w)
    {
        long groups = node.IntOr("group", 1);
        long[] kernel = w[2..], axes = [.. Enumerable.Range(2, kernel.Length).Select(static axis => (long)axis)];
        long[] last = [.. kernel.Select(static _ => -1L)], before = [.. kernel.Select(static _ => long.MinValue + 1)];
        string filter = writer.Node("Slice", [node.Input[1], writer.Integers(last), writer.Integers(before), writer.Integers(axes), writer.Integers(last)]);
        filter = writer.Node("Reshape", [filter, writer.Integers([groups, w[0] / groups, w[1], .. kernel])]);
        filter = writer.Node("Transpose", [filter], ("perm", new long[] { 0, 2, 1 }.Concat(axes.Select(static axis => axis + 1)).ToArray()));
        return writer.Node("Reshape", [filter, writer.Integers([groups * w[1], w[0] / groups, .. kernel])]);
    }

    private static string Pad(NodeWriter writer, string tensor, long[] pads)
    {
        int axes = pads.Length / 2;
        return pads.All(static pad => pad == 0)
            ? tensor
            : writer.Node("Pad", [tensor, writer.Integers([0, 0, .. pads[..axes], 0, 0, .. pads[axes..]])]);
    }

    private void WriteProduct()
    {
        long groups = _node.IntOr("group", 1);
        long windows = _output.Skip(2).Aggregate(1L, static (product, extent) => product * extent);
        string[] places = [.. Places().Select(Shifted)];
        string columns = places.Length == 1 ? places[0] : _writer.Node("Concat", places, ("axis", 2L));
        columns = _writer.Node("Reshape", [columns, _writer.Integers(_output[0], groups, -1, windows)]);
        string weights = _writer.Node("Reshape", [_node.Input[1], _writer.Integers(groups, _output[1] / groups, -1)]);
        string product = _writer.Node("MatMul", [weights, columns]);
        if (_node.Input.Count <= 2 || _node.Input[2].Length == 0)
        {
            _writer.NodeAs(_node.Output[0], "Reshape", [product, _writer.Integers(_output)]);
            return;
        }

        product = _writer.Node("Reshape", [product, _writer.Integers(_output)]);
        string bias = _writer.Node("Reshape", [_node.Input[2], _writer.Integers([-1, .. Ones(_kernel.Length)])]);
        _writer.NodeAs(_node.Output[0], "Add", [product, bias]);
    }

    private string Shifted(long[] place)
    {
        var starts = place.Select((index, axis) => index * _dilations[axis]).ToArray();
        var ends = starts.Select((start, axis) => start + (_output[axis + 2] - 1) * _strides[axis] + 1).ToArray();
        return _writer.Node("Slice", [_padded, _writer.Integers(starts), _writer.Integers(ends), Axes(), _writer.Integers(_strides)]);
    }

    private IEnumerable<long[]> Places()
    {
        long count = _kernel.Aggregate(1L, static (product, extent) => product * extent);
        for (long index = 0; index < count; index++)
        {
            var place = new long[_kernel.Length];
            long rest = index;
            for (int axis = place.Length - 1; axis >= 0; axis--)
            {
                place[axis] = rest % _kernel[axis];
                rest /= _kernel[axis];
            }

            yield return place;
        }
    }

    private string Axes() => _writer.Integers([.. Enumerable.Range(2, _kernel.Length).Select(static axis => (long)axis)]);

    private static long[] Ones(int count) => [.. Enumerable.Repeat(1L, count)];
}
