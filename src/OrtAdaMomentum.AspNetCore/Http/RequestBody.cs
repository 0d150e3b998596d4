using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Reads the JSON of a request within the limit of its size.</summary>
internal static class RequestBody
{
    public const string ContentType = "application/json";

    /// <summary>Lets requests of another type come through to where they are told what is wrong, as routing would only refuse them.</summary>
    public const string AnyType = "*/*";

    public const string TooLarge = "The body is larger than MaximumRequestBytes allows. Send less at once.";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The document; dispose it when everything was taken out.</summary>
    /// <exception cref="RequestProblemException">It is too large, or not JSON by its content type.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpContext context, long limit, CancellationToken cancellationToken)
    {
        var request = context.Request;
        // Only a page of the same site, or a program, can send this type; a form of another site cannot.
        if (!request.HasJsonContentType())
            throw new RequestProblemException(
                StatusCodes.Status415UnsupportedMediaType, $"The content type must be {ContentType}, was '{request.ContentType}'.");
        if (request.ContentLength > limit)
            throw new RequestProblemException(StatusCodes.Status413PayloadTooLarge, TooLarge);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
        return await JsonDocument.ParseAsync(request.Body, Strict, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the whole body as one object.</summary>
    public static async Task<T> ReadAsync<T>(HttpContext context, long limit, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var document = await ReadAsync(context, limit, cancellationToken).ConfigureAwait(false);
        return RequestJson.Read(document.RootElement, type);
    }
}
