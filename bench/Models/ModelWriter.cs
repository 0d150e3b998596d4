using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Bench.Models;

/// <summary>Writes a model node by node, with weights drawn as they usually are for a start.</summary>
internal sealed class ModelWriter(string name)
{
    private readonly GraphProto _graph = new() { Name = name };
    private readonly Random _random = new(7);

    /// <summary>An input whose first axis is the batch.</summary>
    public string Input(string input, ElementType type, params long[] sample)
    {
        _graph.Input.Add(TensorTypes.ToProto(input, new TensorType(type, [Dimension.Named("batch"), .. sample.Select(Dimension.Of)])));
        return input;
    }

    public OnnxModel Finish(string output)
    {
        _graph.Output.Add(new ValueInfoProto { Name = output });
        var model = new ModelProto { IrVersion = 10, Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = OnnxDomains.Standard, Version = 21 });
        return new OnnxModel(model, name);
    }

    /// <summary>A node named as its first output.</summary>
    public string Node(string opType, string output, string[] inputs, params (string Name, AttributeValue Value)[] attributes)
    {
        var node = new NodeProto { OpType = opType, Name = output, Input = { inputs }, Output = { output } };
        node.Attribute.AddRange(attributes.Select(static attribute => attribute.Value.ToProto(attribute.Name)));
        _graph.Node.Add(node);
        return output;
    }

    public string Relu(string x) => Node("Relu", x + ".relu", [x]);

    public string Add(string x, string y, string output) => Node("Add", output, [x, y]);

    /// <summary>A fully connected layer on rows.</summary>
    public string Linear(string x, string layer, int rows, int columns) =>
        Node("Gemm", layer, [x, Weight(layer + ".weight", rows, rows, columns), Constant(layer + ".bias", 0, columns)]);

    /// <summary>A fully connected layer on the last of any number of axes.</summary>
    public string Project(string x, string layer, int rows, int columns) => Add(
        Node("MatMul", layer + ".product", [x, Weight(layer + ".weight", rows, rows, columns)]), Constant(layer + ".bias", 0, columns), layer);

    /// <summary>A square convolution without bias, padded so that stride 1 keeps the extents.</summary>
    public string Convolution(string x, string layer, int channels, int filters, int kernel, int stride = 1, int groups = 1)
    {
        int inner = channels / groups, padding = kernel / 2;
        return Node(
            "Conv", layer, [x, Weight(layer + ".weight", inner * kernel * kernel, filters, inner, kernel, kernel)],
            ("kernel_shape", new long[] { kernel, kernel }), ("strides", new long[] { stride, stride }),
            ("pads", new long[] { padding, padding, padding, padding }), ("group", (long)groups));
    }

    public string BatchNormalization(string x, int channels) => Node(
        "BatchNormalization", x + ".bn",
        [x, Constant(x + ".bn.scale", 1, channels), Constant(x + ".bn.shift", 0, channels), Constant(x + ".bn.mean", 0, channels), Constant(x + ".bn.variance", 1, channels)],
        ("momentum", 0.9f));

    public string LayerNormalization(string x, string layer, int width) => Node(
        "LayerNormalization", layer, [x, Constant(layer + ".scale", 1, width), Constant(layer + ".shift", 0, width)], ("axis", -1L));

    /// <summary>A layer over sequences, the batch first.</summary>
    public string Lstm(string x, string layer, int steps, int inputs, int units)
    {
        string last = Node(
            "LSTM", layer + ".all",
            [Permute(x, layer + ".in", 1, 0, 2), Weight(layer + ".w", units, 1, 4 * units, inputs), Weight(layer + ".r", units, 1, 4 * units, units), Constant(layer + ".b", 0, 1, 8 * units)],
            ("hidden_size", (long)units));
        return Permute(Reshape(last, layer + ".out", steps, -1, units), layer, 1, 0, 2);
    }

    public string Permute(string x, string output, params long[] order) => Node("Transpose", output, [x], ("perm", order));

    public string Reshape(string x, string output, params long[] shape) => Node("Reshape", output, [x, Integers(output + ".shape", shape)]);

    /// <summary>Uniform with the variance of two for each input that is summed.</summary>
    public string Weight(string weight, int summed, params long[] shape)
    {
        float bound = MathF.Sqrt(6f / summed);
        var values = new float[shape.Aggregate(1L, static (product, extent) => product * extent)];
        foreach (ref float value in values.AsSpan())
            value = ((2 * _random.NextSingle()) - 1) * bound;
        return Add(TensorData.Create(weight, values, shape));
    }

    public string Constant(string constant, float value, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, static (product, extent) => product * extent)];
        Array.Fill(values, value);
        return Add(TensorData.Create(constant, values, shape));
    }

    public string Integers(string purpose, params long[] values) => Add(TensorData.Vector(purpose, values));

    private string Add(TensorProto tensor)
    {
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }
}
