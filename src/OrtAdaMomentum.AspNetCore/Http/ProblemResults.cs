using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Problem details of RFC 9457, written without the host's JSON options, which may lack what they need.</summary>
internal static class ProblemResults
{
    private const string ContentType = "application/problem+json";

    public static IResult Of(HttpContext context, RequestProblemException problem)
    {
        if (problem.RetryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (problem.Allow is { } method)
            context.Response.Headers.Allow = method;
        return Of(problem.Status, problem.Message);
    }

    public static IResult Of(int status, string detail) => TypedResults.Json(
        new ProblemDetails { Status = status, Title = ReasonPhrases.GetReasonPhrase(status), Detail = detail },
        ReadableJson.Context.ProblemDetails,
        ContentType,
        status);

    /// <summary>What whoever sent a request is told of an error; null for one that is not theirs to know.</summary>
    public static IResult? Of(HttpContext context, Exception error) => error switch
    {
        RequestProblemException problem => Of(context, problem),
        InvalidSampleException invalid => Of(StatusCodes.Status400BadRequest, invalid.Message),
        JsonException invalid => Of(StatusCodes.Status400BadRequest, Describe(invalid)),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Of(StatusCodes.Status413PayloadTooLarge, RequestBody.TooLarge),
        BadHttpRequestException bad => Of(bad.StatusCode, bad.Message),
        SampleStoreException store => Of(context, RequestProblemException.Unavailable(store.Message)),
        _ => null,
    };

    private static string Describe(JsonException error)
    {
        // The serializer's messages end with where it happened, which is said again in its own words here.
        int end = error.Message.IndexOf(" Path:", StringComparison.Ordinal);
        string message = end < 0 ? error.Message : error.Message[..end];
        string place = string.IsNullOrEmpty(error.Path) || error.Path == "$" ? "" : $" at {error.Path}";
        return $"The body is not what is expected{place}: {message}";
    }
}
