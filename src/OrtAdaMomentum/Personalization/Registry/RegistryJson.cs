using System.Text.Json.Serialization;

namespace OrtAdaMomentum.Personalization;

/// <summary>The pointer to the version that is served.</summary>
/// <param name="Version">Its id.</param>
/// <param name="Reason">Why it is served.</param>
/// <param name="Since">Since when.</param>
/// <param name="Previous">Id of the version that was served before; null where there was none.</param>
internal sealed record CurrentPointer(string Version, string Reason, DateTimeOffset Since, string? Previous = null);

// The loss of a candidate that has gone wrong is NaN, and its record has to be written all the same.
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelVersion))]
[JsonSerializable(typeof(CurrentPointer))]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(WatchState))]
[JsonSerializable(typeof(DriftReference))]
internal sealed partial class PersonalizationJson : JsonSerializerContext;
