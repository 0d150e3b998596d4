using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Reads an object of a request. The serializer's own messages name types of this program, which say nothing to whoever sent it.</summary>
internal static class RequestJson
{
    /// <param name="element">What was sent.</param>
    /// <param name="type">What it has to be.</param>
    /// <param name="place">Where in the request it is, for messages, with a dot at its end; empty for the body itself.</param>
    /// <exception cref="RequestProblemException">It is no object, lacks a property, or has one that is not known or of the wrong kind.</exception>
    public static T Read<T>(JsonElement element, JsonTypeInfo<T> type, string place = "")
        where T : class
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            string what = place.Length == 0 ? "The body" : place[..^1];
            throw RequestProblemException.BadRequest($"{what} must be an object of {Names(type)}, was {Describe(element.ValueKind)}.");
        }

        foreach (var property in element.EnumerateObject())
        {
            if (type.Properties.All(known => known.Name != property.Name))
                throw RequestProblemException.BadRequest($"{place}{property.Name} is not known. What can be given: {Names(type)}.");
        }

        if (type.Properties.FirstOrDefault(known => known.IsRequired && !element.TryGetProperty(known.Name, out _)) is { } missing)
            throw RequestProblemException.BadRequest($"{place}{missing.Name} is missing.");
        try
        {
            return element.Deserialize(type)!;
        }
        catch (JsonException error)
        {
            string where = error.Path?.TrimStart('$', '.') ?? "";
            bool isBytes = type.Properties.Any(property => property.Name == where && property.PropertyType == typeof(byte[]));
            throw RequestProblemException.BadRequest($"{place}{where} {(isBytes ? "must be a text of base64" : "is not of the kind that is expected there")}.");
        }
    }

    private static string Names(JsonTypeInfo type) => string.Join(", ", type.Properties.Select(static property => property.Name));

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };
}
