namespace OrtAdaMomentum.AspNetCore;

/// <summary>Serves the page. It holds no data; what it shows it asks for as any other program does, with a key where one is needed.</summary>
internal sealed class PageEndpoints(AccessControl access)
{
    public void Map(RouteGroupBuilder group) => group.MapGet("/", Page).ExcludeFromDescription();

    private IResult Page(HttpContext context, CancellationToken cancellationToken)
    {
        if (access.PageRefusal(context) is { } refusal)
            return ProblemResults.Of(context, refusal);
        try
        {
            _ = context.Model();
        }
        catch (RequestProblemException problem)
        {
            return ProblemResults.Of(context, problem);
        }

        var page = FineTuningPage.Instance;
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = page.Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Bytes(page.Html, "text/html; charset=utf-8");
    }
}
