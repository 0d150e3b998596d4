using System.Net;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

public sealed class StatusEndpointsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_is_asked_for_followed_and_rolled_back()
    {
        var engine = new FakeEngine
        {
            During = static (_, progress, _) =>
            {
                progress(FakeEngine.Step(1));
                progress(FakeEngine.Step(2));
                return Task.CompletedTask;
            },
        };
        await using var host = await WebHost.StartAsync(_folder, engine: engine);
        foreach (var sample in TinyClassifier.Samples(50))
            await host.Model.Ingest.AddAsync(sample, Cancelled);

        var decision = await host.PostAsync("/fine-tuning/runs?wait=true", "", HttpStatusCode.OK);

        Assert.True(decision.GetProperty("promoted").GetBoolean());
        var status = await host.GetJsonAsync("/fine-tuning/status");
        Assert.Equal(1, status.GetProperty("version").GetProperty("number").GetInt32());
        Assert.Equal(2, status.GetProperty("progress").GetProperty("step").GetInt32());
        Assert.Equal(2, (await host.GetJsonAsync("/fine-tuning/history")).GetArrayLength());
        var versions = (await host.GetJsonAsync("/fine-tuning/versions")).GetProperty("versions");
        Assert.Equal(1, versions[0].GetProperty("number").GetInt32());
        Assert.True(versions[0].GetProperty("current").GetBoolean());
        Assert.Equal(decision.GetProperty("reason").GetString(), versions[0].GetProperty("reason").GetString());
        Assert.Equal(0.1, versions[0].GetProperty("scores").GetProperty("heldOut").GetProperty("accuracy").GetDouble(), 6);

        var back = await host.PostAsync("/fine-tuning/rollback", "", HttpStatusCode.OK);
        Assert.Equal(0, back.GetProperty("number").GetInt32());
        Assert.Contains("base model", await host.ProblemAsync("/fine-tuning/rollback", "", HttpStatusCode.Conflict), StringComparison.Ordinal);

        string label = versions[0].GetProperty("label").GetString()!;
        var promoted = await host.PostAsync($"/fine-tuning/versions/{label}/promote", "", HttpStatusCode.OK);
        Assert.True(promoted.GetProperty("current").GetBoolean());
    }

    [Fact]
    public async Task Training_is_paused_with_a_reason_and_resumed()
    {
        await using var host = await WebHost.StartAsync(_folder, engine: new FakeEngine());
        foreach (var sample in TinyClassifier.Samples(50))
            await host.Model.Ingest.AddAsync(sample, Cancelled);

        var paused = await host.PostAsync("/fine-tuning/pause", """{"reason": "a demonstration"}""", HttpStatusCode.OK);
        await host.PostAsync("/fine-tuning/runs", "", HttpStatusCode.Accepted);

        Assert.True(paused.GetProperty("byHand").GetBoolean());
        var shown = (await host.GetJsonAsync("/fine-tuning/status")).GetProperty("pause");
        Assert.Contains("a demonstration", shown.GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
        Assert.Empty(host.Model.Monitor.Decisions);
        await host.ProblemAsync("/fine-tuning/pause", """{"reason": " "}""", HttpStatusCode.BadRequest);

        var resumed = await host.PostAsync("/fine-tuning/resume", "", HttpStatusCode.OK);
        Assert.False(resumed.GetProperty("byHand").GetBoolean());
        Assert.Equal(0, resumed.GetProperty("reasons").GetArrayLength());
        await host.PostAsync("/fine-tuning/pause", "", HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_run_without_samples_is_told_to_whoever_waits_and_shown_to_others()
    {
        await using var host = await WebHost.StartAsync(_folder, engine: new FakeEngine());

        Assert.Contains("no samples", await host.ProblemAsync("/fine-tuning/runs?wait=true", "", HttpStatusCode.Conflict), StringComparison.Ordinal);
        await host.PostAsync("/fine-tuning/runs", "", HttpStatusCode.Accepted);

        var status = await host.GetJsonAsync("/fine-tuning/status");
        Assert.Contains("no samples", status.GetProperty("failure").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_versions_and_models_are_not_found_and_the_known_ones_named()
    {
        await using var host = await WebHost.StartAsync(_folder);

        using var version = await host.Client.GetAsync("/fine-tuning/versions/nine", Cancelled);
        using var model = await host.Client.GetAsync("/fine-tuning/other/status", Cancelled);

        Assert.Contains("'nine'", await version.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        Assert.Contains("v0-", await WebHost.ProblemAsync(version, HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Contains("default", await WebHost.ProblemAsync(model, HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.Contains("nine", await host.ProblemAsync("/fine-tuning/versions/nine/promote", "", HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_only_posted_to_is_not_taken_for_a_model_when_it_is_got()
    {
        await using var host = await WebHost.StartAsync(_folder);

        using var response = await host.Client.GetAsync("/fine-tuning/predict", Cancelled);

        Assert.Equal("'predict' takes POST, not GET.", await WebHost.ProblemAsync(response, HttpStatusCode.MethodNotAllowed));
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Several_models_are_reached_by_their_names_and_the_first_without_one()
    {
        await using var host = await WebHost.StartAsync(_folder, names: ["digits", "letters"]);
        const string Sample = """{"inputs": {"x": [1, 0]}, "target": 0}""";

        await host.PostAsync("/fine-tuning/letters/samples", Sample, HttpStatusCode.OK);

        Assert.Equal(1, (await host.GetJsonAsync("/fine-tuning/letters/status")).GetProperty("samples").GetProperty("total").GetInt32());
        var first = await host.GetJsonAsync("/fine-tuning/status");
        Assert.Equal("digits", first.GetProperty("model").GetString());
        Assert.Equal(0, first.GetProperty("samples").GetProperty("total").GetInt32());
        Assert.Equal(["digits", "letters"], (await host.GetJsonAsync("/fine-tuning/models")).GetProperty("models").EnumerateArray().Select(static name => name.GetString()));
    }

    [Fact]
    public async Task A_prediction_names_its_version_and_keeps_the_shape_of_what_was_sent()
    {
        TinyClassifier.Write(_folder, slant: 2);
        await using var host = await WebHost.StartAsync(_folder);

        var one = await host.PostAsync("/fine-tuning/predict", """{"inputs": {"x": [1, 0]}}""", HttpStatusCode.OK);
        var two = await host.PostAsync("/fine-tuning/predict", """{"inputs": {"x": [[1, 0], [0, 0.5]]}}""", HttpStatusCode.OK);

        Assert.StartsWith("v0-", one.GetProperty("version").GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"type":"float","shape":[2],"values":[2,-2]}""", one.GetProperty("outputs").GetProperty("logits").GetRawText());
        Assert.Equal("""{"type":"float","shape":[2,2],"values":[[2,-2],[-1,1]]}""", two.GetProperty("outputs").GetProperty("logits").GetRawText());
        Assert.Contains("Input 'x' is missing", await host.ProblemAsync("/fine-tuning/predict", """{"inputs": {}}""", HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_tell_what_happens_and_end_with_the_host()
    {
        await using var host = await WebHost.StartAsync(_folder, static options => options.MaximumEventStreams = 1, new FakeEngine());
        using var response = await host.Client.GetAsync("/fine-tuning/events", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var second = await host.Client.GetAsync("/fine-tuning/events", HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.Contains("MaximumEventStreams", await WebHost.ProblemAsync(second, HttpStatusCode.TooManyRequests), StringComparison.Ordinal);

        foreach (var sample in TinyClassifier.Samples(50))
            await host.Model.Ingest.AddAsync(sample, Cancelled);
        await host.Model.Control.RequestRunAsync(Cancelled);
        var stopping = host.StopAsync();

        var names = new List<string>();
        await using var stream = await response.Content.ReadAsStreamAsync(Cancelled);
        await foreach (var item in System.Net.ServerSentEvents.SseParser.Create(stream).EnumerateAsync(Cancelled))
            names.Add(item.EventType);
        await stopping;
        Assert.Equal("state", names[0]);
        Assert.Contains("samples", names);
        Assert.Contains("decision", names);
        Assert.Contains("version", names);
    }

    [Fact]
    public async Task A_service_that_has_stopped_is_told_as_unavailable()
    {
        await using var host = await WebHost.StartAsync(_folder);
        foreach (var service in host.Get<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>().Where(static service => service is FineTuningService))
            await service.StopAsync(Cancelled);

        Assert.Contains(
            "starting or has stopped",
            await host.ProblemAsync("/fine-tuning/predict", """{"inputs": {"x": [1, 0]}}""", HttpStatusCode.ServiceUnavailable),
            StringComparison.Ordinal);
        using var status = await host.Client.GetAsync("/fine-tuning/status", Cancelled);
        Assert.Equal(HttpStatusCode.OK, status.StatusCode);
    }
}
