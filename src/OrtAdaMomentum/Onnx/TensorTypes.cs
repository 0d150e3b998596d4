using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Between <see cref="TensorType"/> and the types written in model files.</summary>
internal static class TensorTypes
{
    /// <summary>A declared input or output. A value that is no tensor has an undefined element type.</summary>
    public static OnnxValue ToValue(ValueInfoProto info) =>
        new(info.Name, FromProto(info.Type) ?? new TensorType(ElementType.Undefined, null));

    /// <summary>The declared tensor type; null when nothing is declared or the value is no tensor.</summary>
    public static TensorType? FromProto(TypeProto? type)
    {
        if (type?.TensorType is not { } tensor)
            return null;
        return new TensorType((ElementType)tensor.ElemType, tensor.Shape is null ? null : [.. tensor.Shape.Dim.Select(FromProto)]);
    }

    /// <summary>The type of an initializer.</summary>
    public static TensorType Of(TensorProto tensor) => TensorType.Of((ElementType)tensor.DataType, [.. tensor.Dims]);

    /// <summary>The declaration of an input or output.</summary>
    public static ValueInfoProto ToProto(string name, TensorType type)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type.ElementType };
        if (type.Shape is not null)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.AddRange(type.Shape.Select(ToProto));
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static Dimension FromProto(TensorShapeProto.Types.Dimension dimension) => dimension.ValueCase switch
    {
        // Some exporters write a free axis as -1 or 0 with no meaning of an empty tensor; only a negative number is certainly not one.
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue when dimension.DimValue >= 0 => Dimension.Of(dimension.DimValue),
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dimension.DimParam.Length > 0 => Dimension.Named(dimension.DimParam),
        _ => Dimension.Unknown,
    };

    private static TensorShapeProto.Types.Dimension ToProto(Dimension dimension)
    {
        var proto = new TensorShapeProto.Types.Dimension();
        if (dimension.IsStatic)
            proto.DimValue = dimension.Extent;
        else if (dimension.Symbol is not null)
            proto.DimParam = dimension.Symbol;
        return proto;
    }
}
