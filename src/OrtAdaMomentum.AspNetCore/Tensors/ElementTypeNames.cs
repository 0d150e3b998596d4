using System.Text.Json;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>What element types are called in JSON, and as what their elements are written there.</summary>
internal static class ElementTypeNames
{
    /// <summary>As in <c>float</c> or <c>int64</c>.</summary>
    public static string Name(this ElementType type) => JsonNamingPolicy.CamelCase.ConvertName(type.ToString());

    /// <summary>
    /// <c>number</c>, <c>integer</c> or <c>boolean</c>; <c>base64</c> for a type of which JSON has no numbers, so that a tensor can be sent as its bytes alone.
    /// </summary>
    public static string Notation(this ElementType type) => type switch
    {
        ElementType.Bool => "boolean",
        ElementType.Float or ElementType.Double or ElementType.Float16 => "number",
        _ when TensorNumber.CanWrite(type) => "integer",
        _ => "base64",
    };
}
