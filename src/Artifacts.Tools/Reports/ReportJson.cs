using System.Text.Json.Serialization;

namespace OrtAdaMomentum.Tools.Reports;

/// <summary>How reports are written as JSON, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorReport))]
[JsonSerializable(typeof(ModelInspectReport))]
[JsonSerializable(typeof(ArtifactsReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
