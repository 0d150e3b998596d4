using OrtAdaMomentum.Onnx.Proto;

namespace OrtAdaMomentum.Onnx.Opsets;

/// <summary>Clip 11: the bounds became optional inputs.</summary>
internal static class Clip
{
    public static void Convert(NodeConversion conversion)
    {
        Move(conversion, "min", 1, float.MinValue);
        Move(conversion, "max", 2, float.MaxValue);
    }

    private static void Move(NodeConversion conversion, string name, int index, float unbounded)
    {
        AttributeProto? attribute = conversion.Node.Find(name);
        conversion.Node.RemoveAttribute(name);
        if (attribute is not null && attribute.F != unbounded)
            conversion.SetInput(index, LikeInput.Scalar(conversion, name, attribute.F));
    }
}
