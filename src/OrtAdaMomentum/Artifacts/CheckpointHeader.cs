using System.Text.Json.Serialization;

namespace OrtAdaMomentum.Artifacts;

/// <summary>Where a tensor lies in a checkpoint; the offset counts bytes from the start of the data.</summary>
internal sealed record CheckpointEntry(string Section, string Name, IReadOnlyList<long> Shape, long Offset);

/// <summary>The header of a checkpoint file.</summary>
internal sealed record CheckpointHeader(
    string Model,
    string? Optimizer,
    double LearningRate,
    long StepCount,
    long SkippedSteps,
    TrainingCursor? Cursor,
    IReadOnlyList<CheckpointEntry> Tensors)
{
    /// <summary>What the application keeps; null where there is nothing, as in files of before.</summary>
    public IReadOnlyList<CheckpointProperty>? Properties { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CheckpointHeader))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
