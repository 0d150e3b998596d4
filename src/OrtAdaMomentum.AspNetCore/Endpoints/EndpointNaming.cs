namespace OrtAdaMomentum.AspNetCore;

/// <summary>Names of endpoints, which have to differ between mappings, as descriptions of the interface use them as names of operations.</summary>
/// <param name="Suffix">What sets the endpoints of a group apart.</param>
internal sealed record EndpointNaming(string Suffix)
{
    /// <summary>Says what an endpoint does and what it answers when it cannot.</summary>
    public RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string name, string summary, params ReadOnlySpan<int> problems)
    {
        endpoint.WithName(name + Suffix).WithSummary(summary);
        int[] refusals = [StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests];
        foreach (int problem in refusals.Union(problems.ToArray()))
            endpoint.ProducesProblem(problem);
        return endpoint;
    }
}
