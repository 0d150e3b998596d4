using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>A tensor that the model gave. Written with its type, its shape and its numbers in nested arrays.</summary>
[JsonConverter(typeof(TensorResponseConverter))]
internal sealed record TensorResponse(SampleTensor Tensor);

/// <summary>Writes tensors without making an object of each number.</summary>
internal sealed class TensorResponseConverter : JsonConverter<TensorResponse>
{
    public override TensorResponse Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Tensors of responses are only written.");

    public override void Write(Utf8JsonWriter writer, TensorResponse value, JsonSerializerOptions options)
    {
        var tensor = value.Tensor;
        writer.WriteStartObject();
        writer.WriteString("type", tensor.ElementType.Name());
        writer.WriteStartArray("shape");
        foreach (long extent in tensor.Shape)
            writer.WriteNumberValue(extent);
        writer.WriteEndArray();
        if (TensorNumber.CanWrite(tensor.ElementType))
        {
            writer.WritePropertyName("values");
            int index = 0;
            WriteAxis(writer, tensor, 0, ref index);
        }
        else
        {
            writer.WriteBase64String("base64", tensor.Bytes.Span);
        }

        writer.WriteEndObject();
    }

    private static void WriteAxis(Utf8JsonWriter writer, SampleTensor tensor, int axis, ref int index)
    {
        if (axis == tensor.Shape.Count)
        {
            TensorNumber.Write(writer, tensor.Bytes.Span, tensor.ElementType, index++);
            return;
        }

        writer.WriteStartArray();
        for (long place = 0; place < tensor.Shape[axis]; place++)
            WriteAxis(writer, tensor, axis + 1, ref index);
        writer.WriteEndArray();
    }
}
