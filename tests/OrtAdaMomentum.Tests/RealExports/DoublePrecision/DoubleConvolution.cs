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

    public DoubleConvolution(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf)
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
        long[] pads = node.Ints("pads") ?? new long[2 * axes];
        _padded = pads.All(static pad => pad == 0)
            ? node.Input[0]
            : writer.Node("Pad", [node.Input[0], writer.Integers([0, 0, .. pads[..axes], 0, 0, .. pads[axes..]])]);
    }

    public void Write()
    {
        long outputs = _output[1], groups = _node.IntOr("group", 1), shared = groups == outputs ? 1 : 0;
        string sum = shared == 1 ? Depthwise() : groups == 1 ? Matrices() : throw new NotSupportedException("Grouped convolutions are not written out.");
        if (_node.Input.Count > 2 && _node.Input[2].Length > 0)
            sum = _writer.Node("Add", [sum, _writer.Node("Reshape", [_node.Input[2], _writer.Integers([-1, .. Ones(_kernel.Length)])])]);
        _writer.NodeAs(_node.Output[0], "Identity", [sum]);
    }

    public static void WriteAverage(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf)
    {
        var window = new DoubleConvolution(writer, node, shapeOf);
        if (window._padded != node.Input[0] && node.IntOr("count_include_pad", 0) == 0)
            throw new NotSupportedException("Averages that leave padding out are not written out.");
        string[] places = [.. window.Places().Select(window.Shifted)];
        writer.NodeAs(node.Output[0], "Div", [writer.Node("Sum", places), writer.Number(places.Length)]);
    }

    /// <summary>A transposed convolution whose windows touch and do not overlap: each place of the kernel gives its own elements of the output.</summary>
    public static void WriteTransposed(NodeWriter writer, NodeProto node, Func<string, long[]> shapeOf)
    {
        long[] x = shapeOf(node.Input[0]), w = shapeOf(node.Input[1]), y = shapeOf(node.Output[0]);
        if (x.Length != 4 || w[2] != w[3] || y[2] != x[2] * w[2] || y[3] != x[3] * w[3] || node.IntOr("group", 1) != 1)
            throw new NotSupportedException("Only transposed convolutions in two dimensions, without overlap, are written out.");
        string weights = writer.Node("Reshape", [node.Input[1], writer.Integers(x[1], -1)]);
        string columns = writer.Node("Reshape", [node.Input[0], writer.Integers(x[0], x[1], -1)]);
        string product = writer.Node("MatMul", [writer.Node("Transpose", [weights]), columns]);
        string image = writer.Node("Reshape", [product, writer.Integers(x[0], -1, x[2], x[3])]);
        string sum = writer.Node("DepthToSpace", [image], ("blocksize", w[2]), ("mode", "CRD"));
        if (node.Input.Count > 2)
            sum = writer.Node("Add", [sum, writer.Node("Reshape", [node.Input[2], writer.Integers(-1, 1, 1)])]);
        writer.NodeAs(node.Output[0], "Identity", [sum]);
    }

    private string Depthwise()
    {
        string? sum = null;
        foreach (long[] place in Places())
        {
            string weight = _node.Input[1];
            string at = _writer.Node("Slice", [weight, _writer.Integers(place), _writer.Integers([.. place.Select(static p => p + 1)]), Axes()]);
            at = _writer.Node("Reshape", [at, _writer.Integers([-1, .. Ones(place.Length)])]);
            string term = _writer.Node("Mul", [Shifted(place), at]);
            sum = sum is null ? term : _writer.Node("Add", [sum, term]);
        }

        return sum!;
    }

    private string Matrices()
    {
        string[] places = [.. Places().Select(Shifted)];
        string columns = places.Length == 1 ? places[0] : _writer.Node("Concat", places, ("axis", 1L));
        columns = _writer.Node("Reshape", [columns, _writer.Integers(0, 0, -1)]);
        // [outputs, inputs, kernel] becomes [outputs, kernel, inputs], as the shifted inputs follow each other.
        string weights = _writer.Node("Reshape", [_node.Input[1], _writer.Integers(0, 0, -1)]);
        weights = _writer.Node("Transpose", [weights], ("perm", new long[] { 0, 2, 1 }));
        weights = _writer.Node("Reshape", [weights, _writer.Integers(0, -1)]);
        return _writer.Node("Reshape", [_writer.Node("MatMul", [weights, columns]), _writer.Integers(_output)]);
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
