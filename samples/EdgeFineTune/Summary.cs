using System.Text.Json.Serialization;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>The figures of a run. Accuracies are shares from 0 to 1; new is the new handwriting, old the digits the model was made on.</summary>
internal sealed record Summary(
    [property: JsonPropertyName("base_new")] double BaseNew,
    [property: JsonPropertyName("tuned_new")] double TunedNew,
    [property: JsonPropertyName("base_old")] double BaseOld,
    [property: JsonPropertyName("tuned_old")] double TunedOld,
    [property: JsonPropertyName("steps")] int Steps,
    [property: JsonPropertyName("seconds")] double Seconds,
    [property: JsonPropertyName("peak_mb")] double PeakMegabytes,
    [property: JsonPropertyName("promoted")] bool Promoted,
    [property: JsonPropertyName("requests")] int Requests,
    [property: JsonPropertyName("failed_requests")] int FailedRequests)
{
    /// <summary>What the gate measured of the served model on the digits that no candidate may fall behind on.</summary>
    [JsonPropertyName("current_golden")]
    public double? CurrentGolden { get; init; }

    /// <summary>The same of the candidate, promoted or not.</summary>
    [JsonPropertyName("candidate_golden")]
    public double? CandidateGolden { get; init; }
}

[JsonSerializable(typeof(Summary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
