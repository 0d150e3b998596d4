using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrtAdaMomentum.Tests.Gradients.Official;

/// <summary>What the official runtime made of a model: gradients by output, or why it refused.</summary>
internal sealed record OfficialResult(string Hash, Dictionary<string, double[]>? Gradients, string? Refused);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<ExportedModel>))]
[JsonSerializable(typeof(Dictionary<string, OfficialResult>))]
internal sealed partial class OfficialJson : JsonSerializerContext;

/// <summary>Reads official.json, which tests/official-runtime.sh gradients wrote.</summary>
internal static class OfficialFile
{
    private static readonly Lazy<Dictionary<string, OfficialResult>> Content = new(static () => JsonSerializer.Deserialize(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Gradients", "Official", "official.json")),
        OfficialJson.Default.DictionaryStringOfficialResult) ?? []);

    public static IReadOnlyDictionary<string, OfficialResult> Results => Content.Value;
}
