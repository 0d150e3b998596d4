namespace OrtAdaMomentum.AspNetCore;

/// <summary>Lets requests in or refuses them. Follows changed options.</summary>
internal sealed class AccessControl(CurrentWebOptions options, FailedKeys failed, RefusalReport report)
{
    public const string KeyHeader = "X-Api-Key";

    /// <summary>Why a request is refused; null when it is let in.</summary>
    public RequestProblemException? Refusal(HttpContext context) => Refusal(context, opensPage: false);

    /// <summary>Why even the page is refused. It holds no data and asks for the key itself, and a link from elsewhere may open it.</summary>
    public RequestProblemException? PageRefusal(HttpContext context) =>
        options.Value.Access == FineTuningAccess.ApiKey ? null : Refusal(context, opensPage: true);

    private RequestProblemException? Refusal(HttpContext context, bool opensPage)
    {
        var current = options.Value;
        var refusal = OriginRule.Problem(context.Request, current, opensPage) is { } foreign ? Forbidden(foreign)
            : current.Access == FineTuningAccess.Loopback
                ? LoopbackRule.Problem(context, current) is { } outside ? Forbidden(outside) : null
                : CheckKey(context);
        if (refusal is not null)
            report.Tell(context, refusal);
        return refusal;
    }

    private RequestProblemException? CheckKey(HttpContext context)
    {
        string? given = context.Request.Headers[KeyHeader];
        // Nobody can guess by sending none.
        if (given is null)
            return Unauthorized($"The key has to be sent in the header {KeyHeader}.");
        bool isRight = options.Key?.Matches(given) == true;
        var wait = failed.Take(context.Connection.RemoteIpAddress, isRight);
        if (wait > TimeSpan.Zero)
            return RequestProblemException.Throttled("Too many wrong keys came from this address. Ask again later, with the right one.", wait);
        return isRight ? null : Unauthorized($"The key in the header {KeyHeader} is not the right one.");
    }

    private static RequestProblemException Unauthorized(string detail) => new(StatusCodes.Status401Unauthorized, detail);

    private static RequestProblemException Forbidden(string detail) => new(StatusCodes.Status403Forbidden, detail);
}
