using Google.Protobuf;
using OrtAdaMomentum.Onnx.Proto;
using Kind = OrtAdaMomentum.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace OrtAdaMomentum.Onnx;

/// <summary>Reads and sets the attributes of nodes by name.</summary>
internal static class NodeAttributes
{
    public static AttributeProto? Find(this NodeProto node, string name) =>
        node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    public static long IntOr(this NodeProto node, string name, long missing) => node.Find(name)?.I ?? missing;

    public static float FloatOr(this NodeProto node, string name, float missing) => node.Find(name)?.F ?? missing;

    public static string TextOr(this NodeProto node, string name, string missing) => node.Find(name)?.S.ToStringUtf8() ?? missing;

    /// <summary>The list of integers, or null when the node has no such attribute.</summary>
    public static long[]? Ints(this NodeProto node, string name) => node.Find(name) is { } attribute ? [.. attribute.Ints] : null;

    /// <summary>The list of floats, or null when the node has no such attribute.</summary>
    public static float[]? Floats(this NodeProto node, string name) => node.Find(name) is { } attribute ? [.. attribute.Floats] : null;

    /// <summary>The list of strings, or null when the node has no such attribute.</summary>
    public static string[]? Texts(this NodeProto node, string name) =>
        node.Find(name) is { } attribute ? [.. attribute.Strings.Select(static text => text.ToStringUtf8())] : null;

    public static void RemoveAttribute(this NodeProto node, string name)
    {
        if (node.Find(name) is { } attribute)
            node.Attribute.Remove(attribute);
    }

    public static NodeProto With(this NodeProto node, string name, long value) =>
        node.Put(new AttributeProto { Name = name, Type = Kind.Int, I = value });

    public static NodeProto With(this NodeProto node, string name, float value) =>
        node.Put(new AttributeProto { Name = name, Type = Kind.Float, F = value });

    public static NodeProto With(this NodeProto node, string name, string value) =>
        node.Put(new AttributeProto { Name = name, Type = Kind.String, S = ByteString.CopyFromUtf8(value) });

    public static NodeProto With(this NodeProto node, string name, long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = Kind.Ints };
        attribute.Ints.AddRange(values);
        return node.Put(attribute);
    }

    private static NodeProto Put(this NodeProto node, AttributeProto attribute)
    {
        node.RemoveAttribute(attribute.Name);
        node.Attribute.Add(attribute);
        return node;
    }
}
