using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;
using OrtAdaMomentum.AspNetCore;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

public sealed class AccessTests : IDisposable
{
    private const string Status = "/fine-tuning/status";
    private const string Key = "0123456789-abcdef";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Host", "panel.example", "The host 'panel.example' is no name of this machine")]
    [InlineData("Host", "localhost.example", "is no name of this machine")]
    [InlineData("Host", "10.0.0.1", "is no name of this machine")]
    [InlineData("Origin", "http://evil.example", "Pages of 'http://evil.example'")]
    [InlineData("Origin", "null", "Pages of 'null'")]
    [InlineData("Sec-Fetch-Site", "cross-site", "Pages of other sites")]
    [InlineData("Sec-Fetch-Site", "same-site", "Pages of other sites")]
    [InlineData("X-Forwarded-For", "127.0.0.1", "came through a proxy")]
    public async Task A_request_from_elsewhere_is_refused_though_its_connection_is_local(string header, string value, string expected)
    {
        await using var host = await WebHost.StartAsync(_folder);

        using var response = await SendAsync(host, header, value);

        Assert.Contains(expected, await WebHost.ProblemAsync(response, HttpStatusCode.Forbidden), StringComparison.Ordinal);
        Assert.Contains(host.Logs.GetSnapshot(), record => record.Id.Id == 140 && record.Message.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Host", "localhost:8080")]
    [InlineData("Host", "127.0.0.2")]
    [InlineData("Host", "[::1]:80")]
    [InlineData("Host", "panel.local")]
    [InlineData("Origin", "https://panel.example")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task A_request_of_this_machine_or_an_allowed_one_is_let_in(string header, string value)
    {
        await using var host = await WebHost.StartAsync(_folder, static options =>
        {
            options.AllowedHosts.Add("panel.local");
            options.AllowedOrigins.Add("https://panel.example");
        });

        using var response = await SendAsync(host, header, value);

        await WebHost.ReadAsync(response, HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_pages_own_origin_is_let_in()
    {
        await using var host = await WebHost.StartAsync(_folder);

        using var response = await SendAsync(host, "Origin", host.Addresses[0]);

        await WebHost.ReadAsync(response, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_connection_from_another_address_is_refused_whatever_host_it_names()
    {
        // A machine's own address is not a loopback one, so this connection looks as one from outside.
        var own = OutsideAddress();
        Assert.SkipWhen(own is null, "This machine has no address but loopback ones.");
        await using var host = await WebHost.StartAsync(
            _folder, build: static builder => builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Any, 0)).UseUrls());
        int port = new Uri(host.Addresses[0]).Port;
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder("http", own.ToString(), port, Status).Uri);
        request.Headers.Host = "localhost";

        using var response = await host.Client.SendAsync(request, Cancelled);

        Assert.Contains("Only processes on this machine", await WebHost.ProblemAsync(response, HttpStatusCode.Forbidden), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unix_domain_socket_is_local()
    {
        string path = _folder["s"];
        await using var host = await WebHost.StartAsync(
            _folder, build: builder => builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.ListenUnixSocket(path);
                kestrel.Listen(IPAddress.Loopback, 0);
            }).UseUrls());
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);

        using var response = await client.GetAsync(new Uri("http://localhost" + Status), Cancelled);

        await WebHost.ReadAsync(response, HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null, "has to be sent")]
    [InlineData("", "is not the right one")]
    [InlineData("0123456789-abcdeg", "is not the right one")]
    public async Task Without_the_right_key_nothing_is_told_or_done(string? key, string expected)
    {
        await using var host = await WebHost.StartAsync(_folder, static options =>
        {
            options.Access = FineTuningAccess.ApiKey;
            options.ApiKey = Key;
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, Status);
        if (key is not null)
            request.Headers.Add("X-Api-Key", key);

        using var response = await host.Client.SendAsync(request, Cancelled);

        Assert.Contains(expected, await WebHost.ProblemAsync(response, HttpStatusCode.Unauthorized), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_of_a_file_lets_in_from_anywhere_and_is_never_logged()
    {
        File.WriteAllText(_folder["key"], Key + "\n");
        await using var host = await WebHost.StartAsync(_folder, options =>
        {
            options.Access = FineTuningAccess.ApiKey;
            options.ApiKeyFile = _folder["key"];
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, Status);
        request.Headers.Add("X-Api-Key", Key);
        request.Headers.Host = "panel.example";
        using var wrong = new HttpRequestMessage(HttpMethod.Get, Status);
        wrong.Headers.Add("X-Api-Key", "wrong-" + Key);

        using var response = await host.Client.SendAsync(request, Cancelled);
        using var refused = await host.Client.SendAsync(wrong, Cancelled);

        await WebHost.ReadAsync(response, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.DoesNotContain(host.Logs.GetSnapshot(), static record => record.Message.Contains(Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_tries_keys_is_turned_away_for_a_while_and_others_are_not()
    {
        var time = new FakeTimeProvider();
        await using var host = await WebHost.StartAsync(_folder, UseKey, build: builder => builder.Services.AddSingleton<TimeProvider>(time));
        using var refused = new MetricCollector<long>(host.Get<IMeterFactory>(), FineTuningMetrics.Name, "ortadamomentum.web.refused");
        for (int attempt = 0; attempt < 10; attempt++)
        {
            using var wrong = await TryAsync(host.Client, $"{Key}{attempt}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var right = await TryAsync(host.Client, Key);
        Assert.Equal(
            "Too many wrong keys came from this address. Ask again later, with the right one.",
            await WebHost.ProblemAsync(right, HttpStatusCode.TooManyRequests));
        Assert.Equal(TimeSpan.FromSeconds(6), right.Headers.RetryAfter!.Delta);
        Assert.Equal(["key", "throttled"], refused.GetMeasurementSnapshot().Select(static measurement => measurement.Tags["reason"]).Distinct());
        Assert.Equal(11, refused.GetMeasurementSnapshot().Sum(static measurement => measurement.Value));

        using var elsewhere = new HttpClient(new SocketsHttpHandler { ConnectCallback = (context, token) => ConnectAsync(IPAddress.Parse("127.0.0.2"), context, token) });
        elsewhere.BaseAddress = host.Client.BaseAddress;
        using var other = await TryAsync(elsewhere, Key);
        await WebHost.ReadAsync(other, HttpStatusCode.OK);

        time.Advance(TimeSpan.FromSeconds(6));
        using var again = await TryAsync(host.Client, Key);
        await WebHost.ReadAsync(again, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Requests_without_a_key_are_no_tries_and_refusals_do_not_fill_the_log()
    {
        var time = new FakeTimeProvider();
        await using var host = await WebHost.StartAsync(_folder, UseKey, build: builder => builder.Services.AddSingleton<TimeProvider>(time));
        for (int request = 0; request < 50; request++)
        {
            using var without = await host.Client.GetAsync(new Uri(Status, UriKind.Relative), Cancelled);
            Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        }

        Assert.Equal(20, host.Logs.GetSnapshot().Count(static record => record.Id.Id == 140));
        time.Advance(TimeSpan.FromMinutes(1));
        using var later = await TryAsync(host.Client, "wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, later.StatusCode);
        Assert.Contains(host.Logs.GetSnapshot(), static record => record.Id.Id == 145 && record.Message.StartsWith("30 more requests", StringComparison.Ordinal));
    }

    private static void UseKey(FineTuningWebOptions options) => (options.Access, options.ApiKey) = (FineTuningAccess.ApiKey, Key);

    private static async Task<HttpResponseMessage> TryAsync(HttpClient client, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Status);
        request.Headers.Add("X-Api-Key", key);
        return await client.SendAsync(request, Cancelled);
    }

    private static async ValueTask<Stream> ConnectAsync(IPAddress from, SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static async Task<HttpResponseMessage> SendAsync(WebHost host, string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Status);
        request.Headers.Add(header, value);
        return await host.Client.SendAsync(request, Cancelled);
    }

    private static IPAddress? OutsideAddress() =>
        Dns.GetHostAddresses(Dns.GetHostName()).FirstOrDefault(
            static address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
}
