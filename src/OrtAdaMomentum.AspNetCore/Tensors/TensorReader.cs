using System.Buffers;
using System.Text.Json;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>
/// Reads a tensor that is written as numbers in nested arrays, or as an object with the base64 text of its little-endian bytes. The model decides
/// which type its elements have.
/// </summary>
internal static class TensorReader
{
    /// <param name="element">What was sent.</param>
    /// <param name="type">The type that the model takes.</param>
    /// <param name="place">Where in the request it is, for messages.</param>
    /// <exception cref="RequestProblemException">It is no tensor of that type.</exception>
    public static SampleTensor Read(JsonElement element, ElementType type, string place)
    {
        if (element.ValueKind == JsonValueKind.Object)
            return TensorBytes.Read(element, type, place);
        if (!TensorNumber.CanWrite(type))
            throw Invalid(place, $"has elements of type {type}, which are not written as numbers; send it with type, shape and base64.");
        long[] shape = ShapeOf(element);
        var bytes = new ArrayBufferWriter<byte>(256);
        if (Append(element, shape, 0, type, bytes) is { } problem)
            throw Invalid(place + problem.Place, problem.Text);
        return SampleTensor.FromBytes(type, bytes.WrittenSpan, shape);
    }

    public static RequestProblemException Invalid(string place, string problem) => RequestProblemException.BadRequest($"{place} {problem}");

    /// <summary>The extents along the first elements; whether all others are the same shows when they are read.</summary>
    private static long[] ShapeOf(JsonElement element)
    {
        var shape = new List<long>();
        while (element.ValueKind == JsonValueKind.Array)
        {
            int extent = element.GetArrayLength();
            shape.Add(extent);
            if (extent == 0)
                break;
            element = element[0];
        }

        return [.. shape];
    }

    /// <summary>Appends what is below an axis. The place of a problem is put together on the way back, so that it costs nothing where there is none.</summary>
    private static Problem? Append(JsonElement element, long[] shape, int axis, ElementType type, ArrayBufferWriter<byte> bytes)
    {
        if (axis == shape.Length)
            return TensorNumber.Append(element, type, bytes) is { } text ? new Problem("", text) : null;
        if (element.ValueKind != JsonValueKind.Array || element.GetArrayLength() != shape[axis])
            return new Problem("", $"must be an array of {shape[axis]} elements, as the first one at its level is.");
        int index = 0;
        foreach (var inner in element.EnumerateArray())
        {
            if (Append(inner, shape, axis + 1, type, bytes) is { } problem)
                return problem with { Place = $"[{index}]{problem.Place}" };
            index++;
        }

        return null;
    }

    private readonly record struct Problem(string Place, string Text);
}
