using System.Text.Json;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>A sample to store.</summary>
/// <param name="Inputs">A tensor for every input of the model, without the batch axis.</param>
/// <param name="Target">What the model should have said; left out where it is not known yet.</param>
/// <param name="Key">What tells the sample from others; by default a hash of its content.</param>
/// <param name="Subject">The person, patient or machine that it is of.</param>
/// <param name="Source">What brought it, such as the name of a camera.</param>
internal sealed record SampleRequest(
    Dictionary<string, JsonElement> Inputs, JsonElement? Target = null, string? Key = null, string? Subject = null, string? Source = null);

/// <summary>Inputs to predict for.</summary>
/// <param name="Inputs">A tensor for every input of the model, with or without the batch axis.</param>
internal sealed record PredictRequest(Dictionary<string, JsonElement> Inputs);

/// <summary>Why training is to pause.</summary>
/// <param name="Reason">The reason, shown to others.</param>
internal sealed record PauseRequest(string Reason);

/// <summary>What is known of an earlier sample, of an answer, or of both.</summary>
/// <param name="Key">The sample's key.</param>
/// <param name="Target">What the model should have said to the sample.</param>
/// <param name="Version">The version that gave the answer.</param>
/// <param name="Right">Whether the answer was right.</param>
/// <param name="Score">How good the answer was, instead of <paramref name="Right"/>; more is better.</param>
internal sealed record FeedbackRequest(string? Key = null, JsonElement? Target = null, string? Version = null, bool? Right = null, double? Score = null);
