using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace OrtAdaMomentum.AspNetCore;

// A misspelt property is refused, because its value would be lost silently. The loss of a candidate that has gone wrong is NaN and has to be shown.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SampleRequest))]
[JsonSerializable(typeof(PredictRequest))]
[JsonSerializable(typeof(FeedbackRequest))]
[JsonSerializable(typeof(PauseRequest))]
[JsonSerializable(typeof(TensorBytes))]
[JsonSerializable(typeof(ModelsResponse))]
[JsonSerializable(typeof(SchemaResponse))]
[JsonSerializable(typeof(StatusResponse))]
[JsonSerializable(typeof(VersionResponse))]
[JsonSerializable(typeof(VersionsResponse))]
[JsonSerializable(typeof(DecisionResponse))]
[JsonSerializable(typeof(StoredResponse))]
[JsonSerializable(typeof(PredictResponse))]
[JsonSerializable(typeof(ForgottenResponse))]
[JsonSerializable(typeof(AcceptedResponse))]
[JsonSerializable(typeof(PauseResponse))]
[JsonSerializable(typeof(EventResponse))]
[JsonSerializable(typeof(IReadOnlyList<ProgressResponse>))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class WebJson : JsonSerializerContext;
