using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>A client that knows nothing of a model but what its schema says.</summary>
/// <param name="schema">The answer to <c>GET schema</c>.</param>
/// <param name="longest">Whether samples are as long as the schema allows, otherwise as short. Where it names no limit, three more than the least is long.</param>
internal sealed class SchemaClient(JsonElement schema, bool longest)
{
    private readonly Random _random = new(1);

    public JsonElement Target => schema.GetProperty("target");

    /// <summary>The body of <c>POST samples</c>.</summary>
    public JsonObject Sample() => new() { ["inputs"] = Inputs(), ["target"] = TargetOf(Target) };

    /// <summary>The body of <c>POST predict</c>.</summary>
    public JsonObject Request() => new() { ["inputs"] = Inputs() };

    /// <summary>Fails where an answer is not as the schema says.</summary>
    public void CheckAnswer(JsonElement outputs)
    {
        var described = schema.GetProperty("outputs").EnumerateArray().ToList();
        Assert.Equal(described.Select(Name), outputs.EnumerateObject().Select(static output => output.Name));
        Assert.All(described, output =>
        {
            var answer = outputs.GetProperty(Name(output));
            Assert.Equal(output.GetProperty("type").GetString(), answer.GetProperty("type").GetString());
            Assert.Equal(Extents(output), answer.GetProperty("shape").EnumerateArray().Select(static extent => extent.GetInt64()));
        });
    }

    private static string Name(JsonElement tensor) => tensor.GetProperty("name").GetString()!;

    private static long? Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    private JsonObject Inputs() => new(
        schema.GetProperty("inputs").EnumerateArray().Select(input => KeyValuePair.Create(Name(input), (JsonNode?)Tensor(Extents(input), () => Element(input)))));

    private JsonNode TargetOf(JsonElement target)
    {
        if (Number(target, "classAxis") is not { } classAxis)
            return Tensor(Extents(target), () => Element(target));
        // Equal weights, which is all that keeps their sum at 1 without looking at places.
        double weight = 1.0 / Extents(target)[classAxis];
        return Tensor(Extents(target), () => weight);
    }

    private long[] Extents(JsonElement tensor) => [.. tensor.GetProperty("axes").EnumerateArray().Select(Extent)];

    private long Extent(JsonElement axis)
    {
        if (Number(axis, "extent") is { } extent)
            return extent;
        // An output names the axis of an input and says no more of it.
        var bounded = axis.TryGetProperty("minimum", out _)
            ? axis
            : schema.GetProperty("inputs").EnumerateArray().SelectMany(static input => input.GetProperty("axes").EnumerateArray())
                .First(other => other.TryGetProperty("name", out var name) && name.GetString() == axis.GetProperty("name").GetString());
        long least = bounded.GetProperty("minimum").GetInt64();
        return longest ? Number(bounded, "maximum") ?? least + 3 : least;
    }

    private JsonNode Element(JsonElement tensor)
    {
        if (tensor.GetProperty("elements").GetString() == "boolean")
            return _random.Next(2) == 1;
        long least = Number(tensor, "minimum") ?? 0, most = Number(tensor, "maximum") ?? 1;
        if (tensor.GetProperty("elements").GetString() == "number")
            return least + (_random.NextDouble() * (most - least));
        long blank = Number(tensor, "blank") ?? -1, chosen;
        do
            chosen = _random.NextInt64(least, most + 1);
        while (chosen == blank);
        return chosen;
    }

    private static JsonNode Tensor(ReadOnlySpan<long> extents, Func<JsonNode> element)
    {
        if (extents.IsEmpty)
            return element();
        var rows = new JsonArray();
        for (long index = 0; index < extents[0]; index++)
            rows.Add(Tensor(extents[1..], element));
        return rows;
    }
}
