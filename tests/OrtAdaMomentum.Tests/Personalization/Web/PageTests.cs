using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using OrtAdaMomentum.AspNetCore;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

public sealed partial class PageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/fine-tuning/")]
    [InlineData("/fine-tuning")]
    [InlineData("/fine-tuning/default/")]
    public async Task The_page_allows_its_own_style_and_script_by_their_hashes_and_nothing_else(string path)
    {
        await using var host = await WebHost.StartAsync(_folder);

        using var response = await host.Client.GetAsync(path, Cancelled);
        string html = await response.Content.ReadAsStringAsync(Cancelled);

        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains($"script-src 'sha256-{Hash(Script().Match(html).Groups[1].Value)}'", policy, StringComparison.Ordinal);
        Assert.Contains($"style-src 'sha256-{Hash(Style().Match(html).Groups[1].Value)}'", policy, StringComparison.Ordinal);
        Assert.Contains("nosniff", response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Empty(Elsewhere().Matches(html));
    }

    [Fact]
    public async Task The_page_of_an_unknown_model_is_not_found()
    {
        await using var host = await WebHost.StartAsync(_folder);

        using var response = await host.Client.GetAsync("/fine-tuning/other/", Cancelled);

        Assert.Contains("'other'", await WebHost.ProblemAsync(response, HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_from_elsewhere_opens_the_page_but_another_name_of_the_host_does_not()
    {
        await using var host = await WebHost.StartAsync(_folder);
        using var link = new HttpRequestMessage(HttpMethod.Get, "/fine-tuning/");
        link.Headers.Add("Sec-Fetch-Site", "cross-site");
        link.Headers.Add("Sec-Fetch-Mode", "navigate");
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/fine-tuning/");
        rebound.Headers.Host = "evil.example";

        using var opened = await host.Client.SendAsync(link, Cancelled);
        using var refused = await host.Client.SendAsync(rebound, Cancelled);

        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task With_a_key_the_page_is_there_for_everyone_and_its_data_are_not()
    {
        await using var host = await WebHost.StartAsync(_folder, static options =>
        {
            options.Access = FineTuningAccess.ApiKey;
            options.ApiKey = "0123456789-abcdef";
        });

        using var page = await host.Client.GetAsync("/fine-tuning/", Cancelled);
        using var data = await host.Client.GetAsync("/fine-tuning/status", Cancelled);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, data.StatusCode);
    }

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex("<script>(.*)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    // Addresses of other hosts, but for the name of a namespace, and code in attributes.
    [GeneratedRegex("""(?<!")https?://(?!www\.w3\.org/2000/svg)|\s(on\w+|style)=["']""")]
    private static partial Regex Elsewhere();
}
