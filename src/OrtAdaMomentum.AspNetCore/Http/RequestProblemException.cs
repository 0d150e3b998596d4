namespace OrtAdaMomentum.AspNetCore;

/// <summary>A request that cannot be done, with what its sender is told.</summary>
internal sealed class RequestProblemException(int status, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>After how many seconds it makes sense to ask again; null when it does not.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The method that the address takes, where it is the method that is wrong.</summary>
    public string? Allow { get; init; }

    public static RequestProblemException BadRequest(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static RequestProblemException NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);

    public static RequestProblemException Conflict(string detail) => new(StatusCodes.Status409Conflict, detail);

    public static RequestProblemException TooMany(string detail) => new(StatusCodes.Status429TooManyRequests, detail) { RetryAfterSeconds = 1 };

    /// <summary>Too many came from there.</summary>
    public static RequestProblemException Throttled(string detail, TimeSpan wait) =>
        new(StatusCodes.Status429TooManyRequests, detail) { RetryAfterSeconds = (int)Math.Ceiling(wait.TotalSeconds) };

    public static RequestProblemException Unavailable(string detail) => new(StatusCodes.Status503ServiceUnavailable, detail) { RetryAfterSeconds = 5 };
}
