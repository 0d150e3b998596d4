using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrtAdaMomentum.Tests.Gradients.Golden;

/// <summary>What another implementation found for one case: its gradients by input, and the hash of the case that it saw.</summary>
internal sealed record GoldenCase(string Hash, Dictionary<string, double[]> Gradients);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Dictionary<string, GoldenCase>))]
internal sealed partial class GoldenJson : JsonSerializerContext;

/// <summary>Reads the files of Operators, which torch_gradients.py wrote.</summary>
internal static class GoldenFile
{
    private static readonly Lazy<Dictionary<string, GoldenCase>> Cases = new(Read);

    public static GoldenCase? Find(string name) => Cases.Value.GetValueOrDefault(name);

    public static IEnumerable<string> Names => Cases.Value.Keys;

    private static Dictionary<string, GoldenCase> Read() =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Gradients", "Golden", "Operators"), "*.json")
            .SelectMany(static file => JsonSerializer.Deserialize(File.ReadAllBytes(file), GoldenJson.Default.DictionaryStringGoldenCase) ?? [])
            .ToDictionary(StringComparer.Ordinal);
}
