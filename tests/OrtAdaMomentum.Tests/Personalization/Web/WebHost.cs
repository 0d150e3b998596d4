using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using OrtAdaMomentum.AspNetCore;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>The HTTP interface on the tiny model, behind a real server on a port of this machine.</summary>
internal sealed class WebHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private WebHost(WebApplication application, FakeLogCollector logs)
    {
        _application = application;
        Logs = logs;
        Client = new HttpClient { BaseAddress = new Uri(Addresses[0]) };
    }

    public HttpClient Client { get; }

    public FakeLogCollector Logs { get; }

    public string[] Addresses => [.. Get<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    public FineTuningModel Model => Get<IFineTuningModels>().All[0];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<WebHost> StartAsync(
        TemporaryFolder folder,
        Action<FineTuningWebOptions>? web = null,
        ITrainingEngine? engine = null,
        ISampleStore? store = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null,
        string[]? names = null,
        Action<FineTuningServiceOptions>? configure = null,
        Action<FineTuningBuilder>? tune = null)
    {
        if (!File.Exists(folder["model.onnx"]))
            TinyClassifier.Write(folder);
        var logs = new FakeLogCollector();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(new FakeLoggerProvider(logs));
        foreach (string name in names ?? [FineTuningModel.DefaultName])
        {
            if (engine is not null)
                builder.Services.AddKeyedSingleton(name, engine);
            var added = builder.Services.AddFineTuning(name, options =>
            {
                options.ModelPath = folder["model.onnx"];
                options.DataDirectory = folder["data-" + name];
                options.Threads = 1;
                options.MinimumSamples = 1000;
                options.Gate.MinimumHeldOut = 1;
                configure?.Invoke(options);
            });
            tune?.Invoke(added);
            if (store is not null)
                added.UseSampleStore(_ => store);
        }

        if (web is not null)
            builder.Services.AddFineTuningWeb(web);
        build?.Invoke(builder);
        var application = builder.Build();
        try
        {
            (map ?? (static application => application.MapFineTuning()))(application);
            await application.StartAsync(Cancelled);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        return new WebHost(application, logs);
    }

    public T Get<T>()
        where T : notnull =>
        _application.Services.GetRequiredService<T>();

    public async Task<JsonElement> GetJsonAsync(string path) => await Client.GetFromJsonAsync<JsonElement>(path, Cancelled);

    public Task<HttpResponseMessage> PostAsync(string path, string body = "", string type = "application/json") =>
        Client.PostAsync(path, new StringContent(body, Encoding.UTF8, type), Cancelled);

    /// <summary>Posts and expects a status, and gives the answer.</summary>
    public async Task<JsonElement> PostAsync(string path, string body, HttpStatusCode expected)
    {
        using var response = await PostAsync(path, body);
        return await ReadAsync(response, expected);
    }

    /// <summary>The answer, of which the status is expected.</summary>
    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        string text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.True(expected == response.StatusCode, $"{response.StatusCode} instead of {expected}: {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Expects problem details of a status and gives what they say.</summary>
    public static async Task<string> ProblemAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var problem = await ReadAsync(response, expected);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        return problem.GetProperty("detail").GetString()!;
    }

    public async Task<string> ProblemAsync(string path, string body, HttpStatusCode expected)
    {
        using var response = await PostAsync(path, body);
        return await ProblemAsync(response, expected);
    }

    public Task StopAsync() => _application.StopAsync(Cancelled);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }
}
