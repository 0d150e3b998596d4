using System.Text.Json.Serialization;

namespace OrtAdaMomentum.Personalization;

/// <summary>A version of the model in the registry.</summary>
public sealed record ModelVersion
{
    /// <summary>SHA-256 of the model file, in lower-case hexadecimal.</summary>
    public required string Id { get; init; }

    /// <summary>Place in the order in which versions came in; the first base model is 0.</summary>
    public required int Number { get; init; }

    /// <summary>The version it was trained from; null for a base model.</summary>
    public string? Parent { get; init; }

    /// <summary>The base model that it goes back to; itself for a base model.</summary>
    public required string Base { get; init; }

    /// <summary>For a base model: SHA-256 of the file it was imported from.</summary>
    public string? SourceHash { get; init; }

    /// <summary>When it came in.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Whether it may be served: a base model, a version that the gate passed, or one promoted by hand.</summary>
    public required bool Accepted { get; init; }

    /// <summary>Why it was accepted or not.</summary>
    public required string Reason { get; init; }

    /// <summary>What the gate decided; null for a base model.</summary>
    public GateDecision? Decision { get; init; }

    /// <summary>What the host's <see cref="IModelSigner"/> signed it with; null when there was none.</summary>
    public string? Signature { get; init; }

    /// <summary>Bytes of the model file.</summary>
    public required long Size { get; init; }

    /// <summary>The number and the beginning of the id, to read.</summary>
    [JsonIgnore]
    public string Label => $"v{Number}-{Id[..Math.Min(8, Id.Length)]}";

    /// <inheritdoc/>
    public override string ToString() => Label;
}
