using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrtAdaMomentum.Tools.Reports;

namespace OrtAdaMomentum.Tools.Service;

/// <summary>A service that runs, over the HTTP interface that <c>MapFineTuning</c> gives it.</summary>
internal sealed class RunningService : IServiceTarget
{
    private readonly HttpClient _client;
    private readonly string _address;

    /// <param name="address">Where the interface is, such as <c>http://localhost:5000/fine-tuning</c>.</param>
    /// <param name="model">Name of the model; null for the first one.</param>
    /// <param name="apiKey">The key; null for a service that only lets this machine in.</param>
    public RunningService(Uri address, string? model, string? apiKey)
    {
        _address = address.AbsoluteUri;
        string prefix = _address.TrimEnd('/') + (model is null ? "/" : $"/{Uri.EscapeDataString(model)}/");
        _client = new HttpClient { BaseAddress = new Uri(prefix), Timeout = TimeSpan.FromMinutes(10) };
        if (apiKey is not null)
            _client.DefaultRequestHeaders.Add("X-Api-Key", apiKey);
    }

    public Task<ServiceStatusReport> StatusAsync(CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Get, "status", ReportJson.Readable.ServiceStatusReport, cancellationToken);

    public Task<ServiceVersionsReport> VersionsAsync(CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Get, "versions", ReportJson.Readable.ServiceVersionsReport, cancellationToken);

    public Task<ServiceVersion> PromoteAsync(string version, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Post, $"versions/{Uri.EscapeDataString(version)}/promote", ReportJson.Readable.ServiceVersion, cancellationToken);

    public Task<ServiceVersion> RollBackAsync(CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Post, "rollback", ReportJson.Readable.ServiceVersion, cancellationToken);

    public async Task PauseAsync(string reason, CancellationToken cancellationToken)
    {
        using var body = JsonContent.Create(new PauseRequest(reason), ReportJson.Readable.PauseRequest);
        using var answer = await SendAsync(HttpMethod.Post, "pause", body, cancellationToken);
    }

    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Post, "resume", content: null, cancellationToken);
    }

    public async Task<int> ForgetSubjectAsync(string subject, CancellationToken cancellationToken) =>
        (await AskAsync(HttpMethod.Delete, $"subjects/{Uri.EscapeDataString(subject)}", ReportJson.Readable.ServiceForgetReport, cancellationToken)).Samples;

    public Task ExportModelAsync(string? version, Stream destination, CancellationToken cancellationToken) =>
        CopyAsync($"versions/{Uri.EscapeDataString(version ?? "current")}/model", destination, cancellationToken);

    public Task ExportSamplesAsync(Stream destination, CancellationToken cancellationToken) =>
        CopyAsync("samples/export", destination, cancellationToken);

    public void Dispose() => _client.Dispose();

    private async Task CopyAsync(string path, Stream destination, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, content: null, cancellationToken);
        try
        {
            await answer.Content.CopyToAsync(destination, cancellationToken);
        }
        catch (HttpRequestException error)
        {
            throw new ToolException(ExitCodes.Service, $"The service at {_address} broke off its answer: {error.Message}", error);
        }
    }

    private async Task<T> AskAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, content: null, cancellationToken);
        try
        {
            return await answer.Content.ReadFromJsonAsync(type, cancellationToken)
                ?? throw new JsonException("It is empty.");
        }
        catch (JsonException error)
        {
            throw new ToolException(ExitCodes.Service, $"What {_address} answered is not of a fine-tuning service: {error.Message}", error);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        HttpResponseMessage answer;
        try
        {
            answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException error)
        {
            throw new ToolException(ExitCodes.Service, $"The service at {_address} cannot be reached: {error.Message}", error);
        }

        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw new ToolException(ExitCodes.Service, await DescribeAsync(answer, cancellationToken));
    }

    private async Task<string> DescribeAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        string status = $"{(int)answer.StatusCode} {answer.ReasonPhrase}";
        try
        {
            var problem = await answer.Content.ReadFromJsonAsync(ReportJson.Readable.ProblemAnswer, cancellationToken);
            if (problem?.Detail is { Length: > 0 } detail)
                return answer.StatusCode == HttpStatusCode.Unauthorized ? $"{detail} ({status}) The file with the key is named by --api-key-file." : $"{detail} ({status})";
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or HttpRequestException)
        {
            // Not a problem of a fine-tuning service; the status says what there is to say.
        }

        return $"{_address} answered {status}; is it the address of a fine-tuning service?";
    }
}
