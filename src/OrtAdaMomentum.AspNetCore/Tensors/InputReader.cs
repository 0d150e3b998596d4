using System.Text.Json;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Reads the inputs of a sample or a prediction by their names.</summary>
internal static class InputReader
{
    /// <param name="sent">What was sent, by name.</param>
    /// <param name="types">The element types of the model's inputs, by name.</param>
    /// <param name="place">What comes before a name in messages.</param>
    /// <exception cref="RequestProblemException">An input has no place in the model, or is no tensor.</exception>
    public static Dictionary<string, SampleTensor> Read(
        IReadOnlyDictionary<string, JsonElement> sent, IReadOnlyDictionary<string, ElementType> types, string place)
    {
        var inputs = new Dictionary<string, SampleTensor>(StringComparer.Ordinal);
        foreach (var (name, element) in sent)
        {
            if (!types.TryGetValue(name, out var type))
                throw RequestProblemException.BadRequest($"{place}inputs.{name}: the model has no such input. Its inputs: {string.Join(", ", types.Keys)}.");
            inputs.Add(name, TensorReader.Read(element, type, $"{place}inputs.{name}"));
        }

        return inputs;
    }
}
