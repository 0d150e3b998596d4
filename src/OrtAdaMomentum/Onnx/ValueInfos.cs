using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx;

/// <summary>Turns tensor types into the model file's form and back.</summary>
internal static class ValueInfos
{
    /// <summary>A named value of a tensor type.</summary>
    public static ValueInfoProto Create(string name, TensorType type)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type.ElementType };
        if (type.Shape is { } shape)
        {
            tensor.Shape = new TensorShapeProto();
            foreach (var dimension in shape)
            {
                var proto = new TensorShapeProto.Types.Dimension();
                if (dimension.IsStatic)
                    proto.DimValue = dimension.Extent;
                else if (dimension.Symbol is { } symbol)
                    proto.DimParam = symbol;
                tensor.Shape.Dim.Add(proto);
            }
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    /// <summary>The tensor type of a declared value; null when it is not a tensor or its type is not given.</summary>
    public static TensorType? TypeOf(ValueInfoProto value)
    {
        if (value.Type?.TensorType is not { } tensor)
            return null;
        var shape = tensor.Shape?.Dim.Select(static dimension =>
            dimension.ValueCase switch
            {
                TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue when dimension.DimValue >= 0 => Dimension.Of(dimension.DimValue),
                TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dimension.DimParam.Length > 0 => Dimension.Named(dimension.DimParam),
                _ => Dimension.Unknown,
            }).ToArray();
        return new TensorType((ElementType)tensor.ElemType, shape);
    }
}
