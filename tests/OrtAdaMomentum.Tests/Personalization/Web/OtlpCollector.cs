using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>
/// Stands in for a collector: takes OTLP over HTTP and keeps the names of metrics and spans. Field numbers are those of the messages
/// <c>ExportMetricsServiceRequest</c> and <c>ExportTraceServiceRequest</c> of OTLP 1.
/// </summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly HashSet<string> _metrics = [];
    private readonly HashSet<string> _spans = [];

    private OtlpCollector(WebApplication application) => _application = application;

    public Uri Address => new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public IReadOnlyCollection<string> Metrics => Copy(_metrics);

    public IReadOnlyCollection<string> Spans => Copy(_spans);

    public static async Task<OtlpCollector> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        // resource_metrics, scope_metrics, metrics, name; and resource_spans, scope_spans, spans, name.
        collector.Take("/v1/metrics", collector._metrics, [1, 2, 2, 1]);
        collector.Take("/v1/traces", collector._spans, [1, 2, 2, 5]);
        await collector._application.StartAsync(cancellationToken);
        return collector;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }

    private void Take(string path, HashSet<string> names, int[] fields) => _application.MapPost(path, async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        lock (names)
            names.UnionWith(Texts(ByteString.CopyFrom(body.ToArray()), fields));
        context.Response.ContentType = "application/x-protobuf";
    });

    private static string[] Copy(HashSet<string> names)
    {
        lock (names)
            return [.. names];
    }

    /// <summary>The texts at the end of a path of fields.</summary>
    private static List<string> Texts(ByteString message, int[] fields)
    {
        var found = new List<string>();
        var input = message.CreateCodedInput();
        while (input.ReadTag() is > 0 and var tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) != fields[0] || WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
                input.SkipLastField();
            else if (fields.Length == 1)
                found.Add(input.ReadString());
            else
                found.AddRange(Texts(input.ReadBytes(), fields[1..]));
        }

        return found;
    }
}
