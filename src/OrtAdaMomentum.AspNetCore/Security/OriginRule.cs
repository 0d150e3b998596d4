namespace OrtAdaMomentum.AspNetCore;

/// <summary>
/// Whether a browser sends the request for a page of another site. Such a page can make a browser ask, also on the browser's own machine,
/// and must neither change nor learn anything by it.
/// </summary>
internal static class OriginRule
{
    /// <summary>Why the request is refused; null when it is let in.</summary>
    /// <param name="request">The request.</param>
    /// <param name="options">Which origins are let in beside the own one.</param>
    /// <param name="opensPage">Whether it is for the page itself, which links from elsewhere may open.</param>
    public static string? Problem(HttpRequest request, FineTuningWebOptions options, bool opensPage)
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
        bool followsLink = opensPage && request.Headers["Sec-Fetch-Mode"] == "navigate";
        return ownPage || followsLink ? null : "Pages of other sites may not use this.";
    }
}
