using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrtAdaMomentum.Tests.Gradients.Official;

/// <summary>A model for the official runtime.</summary>
internal sealed record OfficialExport(string Name, string File, string Hash);

/// <summary>What the official runtime made of a model: gradients by output, or why it refused.</summary>
internal sealed record OfficialResult(string Hash, Dictionary<string, double[]>? Gradients, string? Refused);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<OfficialExport>))]
[JsonSerializable(typeof(Dictionary<string, OfficialResult>))]
internal sealed partial class OfficialJson : JsonSerializerContext;

/// <summary>Reads official.json, which tests/official-runtime.sh wrote.</summary>
internal static class OfficialFile
{
    private static readonly Lazy<Dictionary<string, OfficialResult>> Content = new(static () => JsonSerializer.Deserialize(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Gradients", "Official", "official.json")),
        OfficialJson.Default.DictionaryStringOfficialResult) ?? []);

    public static IReadOnlyDictionary<string, OfficialResult> Results => Content.Value;
}
