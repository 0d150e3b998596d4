using System.Text.Json;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>A tensor as an object: <c>{"type": "float", "shape": [1, 28, 28], "base64": "..."}</c> with the little-endian bytes, row-major.</summary>
/// <param name="Shape">The axes, outermost first; none for a single number.</param>
/// <param name="Base64">The bytes.</param>
/// <param name="Type">The element type; that of the model if left out.</param>
internal sealed record TensorBytes(long[] Shape, byte[] Base64, string? Type = null)
{
    public static SampleTensor Read(JsonElement element, ElementType type, string place)
    {
        var tensor = RequestJson.Read(element, ReadableJson.Context.TensorBytes, place + ".");
        if (tensor.Type is { } name && (!Enum.TryParse(name, ignoreCase: true, out type) || !Enum.IsDefined(type)))
            throw TensorReader.Invalid(place, $"has the unknown type '{name}'. Types: {string.Join(", ", Enum.GetNames<ElementType>())}.");
        try
        {
            return SampleTensor.FromBytes(type, tensor.Base64, tensor.Shape);
        }
        catch (ArgumentException error)
        {
            // Without the name of the parameter, which says nothing to whoever sent the request.
            throw TensorReader.Invalid(place, $"is no tensor: {error.Message.Split(" (Parameter", 2)[0]}");
        }
    }
}
