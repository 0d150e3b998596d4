using Google.Protobuf;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Gradients;

/// <summary>The value of a node's attribute. Converts by itself from an integer, a float, a string or a list of them.</summary>
public readonly struct AttributeValue
{
    private readonly object _value;

    private AttributeValue(object value) => _value = value;

    /// <summary>An integer attribute.</summary>
    public static implicit operator AttributeValue(long value) => new(value);

    /// <summary>A float attribute.</summary>
    public static implicit operator AttributeValue(float value) => new(value);

    /// <summary>A string attribute.</summary>
    public static implicit operator AttributeValue(string value) => new(value);

    /// <summary>A list of integers.</summary>
    public static implicit operator AttributeValue(long[] value) => new(value);

    /// <summary>A list of floats.</summary>
    public static implicit operator AttributeValue(float[] value) => new(value);

    /// <summary>A tensor of shape [1], as ConstantOfShape takes its value.</summary>
    internal static AttributeValue TensorOf(double value, ElementType type) => new(TensorData.Create(string.Empty, type, [value], 1));

    /// <summary>A graph inside the node.</summary>
    internal static AttributeValue GraphOf(GraphProto graph) => new(graph);

    internal AttributeProto ToProto(string name)
    {
        var proto = new AttributeProto { Name = name };
        switch (_value)
        {
            case long integer:
                proto.Type = AttributeProto.Types.AttributeType.Int;
                proto.I = integer;
                break;
            case float number:
                proto.Type = AttributeProto.Types.AttributeType.Float;
                proto.F = number;
                break;
            case string text:
                proto.Type = AttributeProto.Types.AttributeType.String;
                proto.S = ByteString.CopyFromUtf8(text);
                break;
            case long[] integers:
                proto.Type = AttributeProto.Types.AttributeType.Ints;
                proto.Ints.AddRange(integers);
                break;
            case float[] numbers:
                proto.Type = AttributeProto.Types.AttributeType.Floats;
                proto.Floats.AddRange(numbers);
                break;
            case TensorProto tensor:
                proto.Type = AttributeProto.Types.AttributeType.Tensor;
                proto.T = tensor;
                break;
            case GraphProto graph:
                proto.Type = AttributeProto.Types.AttributeType.Graph;
                proto.G = graph;
                break;
            default:
                throw new InvalidOperationException($"Attribute '{name}' has no value.");
        }

        return proto;
    }
}
