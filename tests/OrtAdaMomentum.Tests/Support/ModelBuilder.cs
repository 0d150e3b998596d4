using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Tests.Support;

/// <summary>Writes small models down node by node.</summary>
internal sealed class ModelBuilder
{
    private readonly ModelProto _model;

    public ModelBuilder(long opset = 21, long irVersion = 0)
    {
        _model = new ModelProto { IrVersion = irVersion != 0 ? irVersion : 8, ProducerName = "tests", Graph = new GraphProto { Name = "test" } };
        if (irVersion == 0 && opset >= 21)
            _model.IrVersion = 10;
        Opset("", opset);
    }

    /// <summary>Imports another operator set.</summary>
    public ModelBuilder Opset(string domain, long version)
    {
        _model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        return this;
    }

    /// <summary>An input with a fixed shape.</summary>
    public ModelBuilder Input(string name, ElementType type, params long[] shape) => Input(name, TensorType.Of(type, shape));

    /// <summary>An input with any type: <c>new TensorType(ElementType.Float, [Dimension.Named("batch"), 3])</c>.</summary>
    public ModelBuilder Input(string name, TensorType type)
    {
        _model.Graph.Input.Add(TensorTypes.ToProto(name, type));
        return this;
    }

    public ModelBuilder Initializer(string name, float[] values, params long[] shape) => Initializer(TensorData.Create(name, values, shape));

    public ModelBuilder Initializer(string name, double[] values, params long[] shape) => Initializer(TensorData.Create(name, values, shape));

    public ModelBuilder Initializer(string name, long[] values, params long[] shape) => Initializer(TensorData.Create(name, values, shape));

    public ModelBuilder Initializer(string name, int[] values, params long[] shape) => Initializer(TensorData.Create(name, values, shape));

    public ModelBuilder Initializer(string name, bool[] values, params long[] shape) => Initializer(TensorData.Create(name, values, shape));

    public ModelBuilder Initializer(TensorProto tensor)
    {
        _model.Graph.Initializer.Add(tensor);
        return this;
    }

    /// <summary>A node of the standard operators. Attribute values: long, int, float, double, string, bool, arrays of these, TensorProto, GraphProto.</summary>
    public ModelBuilder Node(string opType, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes) =>
        Node("", opType, inputs, outputs, attributes);

    /// <summary>A node of the operator set <paramref name="domain"/>.</summary>
    public ModelBuilder Node(string domain, string opType, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        _model.Graph.Node.Add(MakeNode(domain, opType, inputs, outputs, attributes));
        return this;
    }

    /// <summary>An output whose type the runtime is left to infer.</summary>
    public ModelBuilder Output(params string[] names)
    {
        _model.Graph.Output.AddRange(names.Select(name => new ValueInfoProto { Name = name }));
        return this;
    }

    public ModelBuilder Output(string name, TensorType type)
    {
        _model.Graph.Output.Add(TensorTypes.ToProto(name, type));
        return this;
    }

    /// <summary>A function in the model itself.</summary>
    public ModelBuilder Function(FunctionProto function)
    {
        _model.Functions.Add(function);
        return this;
    }

    public ModelProto Build() => _model;

    public byte[] ToBytes() => _model.ToByteArray();

    /// <summary>A node by itself, for functions and sub-graphs.</summary>
    public static NodeProto MakeNode(
        string domain, string opType, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = opType, Name = $"{opType}_{outputs.FirstOrDefault()}" };
        if (domain.Length > 0)
            node.Domain = domain;
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(pair => MakeAttribute(pair.Name, pair.Value)));
        return node;
    }

    public static AttributeProto MakeAttribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case bool flag:
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                attribute.I = flag ? 1 : 0;
                break;
            case int number:
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                attribute.I = number;
                break;
            case long number:
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                attribute.I = number;
                break;
            case float number:
                attribute.Type = AttributeProto.Types.AttributeType.Float;
                attribute.F = number;
                break;
            case double number:
                attribute.Type = AttributeProto.Types.AttributeType.Float;
                attribute.F = (float)number;
                break;
            case string text:
                attribute.Type = AttributeProto.Types.AttributeType.String;
                attribute.S = ByteString.CopyFromUtf8(text);
                break;
            case long[] numbers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(numbers);
                break;
            case int[] numbers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(numbers.Select(number => (long)number));
                break;
            case float[] numbers:
                attribute.Type = AttributeProto.Types.AttributeType.Floats;
                attribute.Floats.AddRange(numbers);
                break;
            case string[] texts:
                attribute.Type = AttributeProto.Types.AttributeType.Strings;
                attribute.Strings.AddRange(texts.Select(ByteString.CopyFromUtf8));
                break;
            case TensorProto tensor:
                attribute.Type = AttributeProto.Types.AttributeType.Tensor;
                attribute.T = tensor;
                break;
            case GraphProto graph:
                attribute.Type = AttributeProto.Types.AttributeType.Graph;
                attribute.G = graph;
                break;
            default:
                throw new ArgumentException($"No attribute can be made of {value.GetType()}.", nameof(value));
        }

        return attribute;
    }
}
