namespace OrtAdaMomentum.AspNetCore;

/// <summary>Around every endpoint: lets a request in or refuses it before anything of it is read, and tells errors as problem details.</summary>
internal sealed class FineTuningEndpointFilter(AccessControl access, ILogger<FineTuningEndpointFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (access.Refusal(http) is { } refusal)
            return ProblemResults.Of(http, refusal);
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever an endpoint throws, whoever asked is told in the same form.
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (ProblemResults.Of(http, error) is { } problem)
                return problem;
            WebLog.RequestFailed(logger, error, http.Request.Method, http.Request.Path);
            return ProblemResults.Of(StatusCodes.Status500InternalServerError, "Something went wrong that is none of the request's doing; the log says what.");
        }
    }
}
