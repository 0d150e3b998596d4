namespace OrtAdaMomentum.AspNetCore;

/// <summary>
/// Whether a browser sends the request for a page of another site. Such a page can make a browser ask, also on the browser's own machine,
/// and must neither change nor learn anything by it.
/// </summary>
internal static class OriginRule
{
    /// <summary>Why the request is refused; null when it is let in.</summary>
    public static string? Problem(HttpRequest request, FineTuningWebOptions options)
    {
        string? origin = request.Headers.Origin;
        if (origin is not null)
        {
            string own = $"{request.Scheme}://{request.Host}";
            return origin.Equals(own, StringComparison.OrdinalIgnoreCase) || options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase)
                ? null
                : $"Pages of '{origin}' may not use this. Add it to AllowedOrigins if they should.";
        }

        // Browsers leave the origin out of some requests but always tell how the page is related; other programs tell neither.
        string? site = request.Headers["Sec-Fetch-Site"];
        bool ownPage = site is null or "same-origin" or "none";
        // A link from elsewhere may open the page itself, which holds no data.
        bool opensPage = HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate";
        return ownPage || opensPage ? null : "Pages of other sites may not use this.";
    }
}
