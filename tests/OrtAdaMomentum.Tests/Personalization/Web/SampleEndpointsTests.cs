using System.Net;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

public sealed class SampleEndpointsTests : IDisposable
{
    private const string Samples = "/fine-tuning/samples";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Samples_are_stored_once_answered_with_keys_and_counted()
    {
        await using var host = await WebHost.StartAsync(_folder);

        var one = await host.PostAsync(Samples, """{"inputs": {"x": [1, 0.5]}, "target": 0, "key": "a", "subject": "ann"}""", HttpStatusCode.OK);
        var many = await host.PostAsync(
            Samples,
            """[{"inputs": {"x": [0, 1]}, "target": 1}, {"inputs": {"x": [1, 0.5]}, "target": 0, "key": "a"}]""",
            HttpStatusCode.OK);

        Assert.Equal("a", one.GetProperty("keys")[0].GetString());
        Assert.Equal(32, many.GetProperty("keys")[0].GetString()!.Length);
        var counts = (await host.GetJsonAsync("/fine-tuning/status")).GetProperty("samples");
        Assert.Equal(2, counts.GetProperty("total").GetInt32());
        Assert.Equal(2, counts.GetProperty("new").GetInt32());
    }

    [Fact]
    public async Task A_tensor_as_bytes_is_the_same_sample_as_its_numbers()
    {
        await using var host = await WebHost.StartAsync(_folder);
        byte[] bytes = [.. BitConverter.GetBytes(0.1f), .. BitConverter.GetBytes(-2f)];

        var numbers = await host.PostAsync(Samples, """{"inputs": {"x": [0.1, -2]}, "target": 1}""", HttpStatusCode.OK);
        var raw = await host.PostAsync(
            Samples,
            $$$"""{"inputs": {"x": {"type": "float", "shape": [2], "base64": "{{{Convert.ToBase64String(bytes)}}}"}}, "target": 1}""",
            HttpStatusCode.OK);

        Assert.Equal(numbers.GetProperty("keys")[0].GetString(), raw.GetProperty("keys")[0].GetString());
        Assert.Equal(1, (await host.Model.Store.CountAsync(Cancelled)).Total);
    }

    [Theory]
    [InlineData("""{"inputs": {"x": [1, "a"]}, "target": 0}""", "inputs.x[1] must be a number, was \"a\"")]
    [InlineData("""{"inputs": {"x": [1, 1e300]}, "target": 0}""", "inputs.x[1] is out of range of Float")]
    [InlineData("""{"inputs": {"x": [[1], [1, 2]]}, "target": 0}""", "inputs.x[1] must be an array of 1 elements")]
    [InlineData("""{"inputs": {"x": [1, 2, 3]}, "target": 0}""", "Input 'x' is Float[3], but the model takes Float[2]")]
    [InlineData("""{"inputs": {"x": [1, 2]}, "target": 2}""", "Label 2 is out of range")]
    [InlineData("""{"inputs": {"x": [1, 2]}, "target": 0.5}""", "target must be a whole number")]
    [InlineData("""{"inputs": {"y": [1, 2]}, "target": 0}""", "inputs.y: the model has no such input")]
    [InlineData("""{"inputs": {"x": [1, 2]}, "target": 0, "key": " "}""", "key must not be empty")]
    [InlineData("""{"inputs": {"x": [1, 2]}, "label": 0}""", "label is not known. What can be given: inputs, target, key, subject, source.")]
    [InlineData("""{"target": 0}""", "inputs is missing")]
    [InlineData("""{"inputs": {"x": [1, 2]}, "target": 0, "key": 17}""", "key is not of the kind that is expected there")]
    [InlineData("""{"inputs": [1, 2], "target": 0}""", "inputs is not of the kind that is expected there")]
    [InlineData("""17""", "The body must be an object of inputs, target, key, subject, source, was a number")]
    [InlineData("""{"inputs": {"x": {"shape": [2], "base64": "?"}}, "target": 0}""", "inputs.x.base64 must be a text of base64")]
    [InlineData("""{"inputs": {"x": {"shape": [2], "data": "AAAA"}}, "target": 0}""", "inputs.x.data is not known")]
    [InlineData("""{"inputs": {"x": {"type": "float", "shape": [2], "base64": "AAAA"}}, "target": 0}""", "inputs.x is no tensor")]
    [InlineData("""{"inputs": {"x": {"type": "flute", "shape": [2], "base64": "AAAA"}}, "target": 0}""", "unknown type 'flute'")]
    [InlineData("""{"inputs": {"x": {"shape": [99999999999, 99999999999], "base64": "AAAA"}}, "target": 0}""", "too large")]
    [InlineData("""{"inputs": {"x": [1, 2]}, "target": 0""", "The body is not what is expected")]
    [InlineData("""{"inputs": {"x": [1, 2], "x": [3, 4]}, "target": 0}""", "The body is not what is expected")]
    [InlineData("""[{"inputs": {"x": [1, 2]}, "target": 0}, {"inputs": {"x": [1, 2]}, "target": 7}]""", "[1]: Label 7 is out of range")]
    [InlineData("""[{"inputs": {"x": [1, 2]}, "target": 0}, {"inputs": {"x": [1, true]}, "target": 0}]""", "[1].inputs.x[1] must be a number")]
    [InlineData("""[null]""", "[0] must be an object of inputs, target, key, subject, source, was null")]
    [InlineData("""[{"inputs": {"x": [1, 2]}, "Target": 0}]""", "[0].Target is not known")]
    public async Task A_sample_that_does_not_fit_is_refused_with_its_place_and_nothing_is_stored(string body, string expected)
    {
        await using var host = await WebHost.StartAsync(_folder);

        Assert.Contains(expected, await host.ProblemAsync(Samples, body, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Equal(0, (await host.Model.Store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task Another_content_type_is_refused_because_a_form_of_another_site_could_send_it()
    {
        await using var host = await WebHost.StartAsync(_folder);

        using var response = await host.PostAsync(Samples, """{"inputs": {"x": [1, 2]}, "target": 0}""", "text/plain");

        Assert.Contains("application/json", await WebHost.ProblemAsync(response, HttpStatusCode.UnsupportedMediaType), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_refused_whether_or_not_its_length_is_announced(bool chunked)
    {
        await using var host = await WebHost.StartAsync(_folder, static options => options.MaximumRequestBytes = 2000);
        using var request = new HttpRequestMessage(HttpMethod.Post, Samples)
        {
            Content = new StringContent($"[{new string(' ', 5000)}]", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await host.Client.SendAsync(request, Cancelled);

        Assert.Contains("MaximumRequestBytes", await WebHost.ProblemAsync(response, HttpStatusCode.RequestEntityTooLarge), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_samples_than_allowed_in_a_request_are_refused()
    {
        await using var host = await WebHost.StartAsync(_folder, static options => options.MaximumSamplesPerRequest = 1);

        string detail = await host.ProblemAsync(Samples, "[{}, {}]", HttpStatusCode.RequestEntityTooLarge);

        Assert.Contains("2 samples", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feedback_gives_a_sample_another_target_and_an_unknown_key_is_not_found()
    {
        await using var host = await WebHost.StartAsync(_folder);
        await host.PostAsync(Samples, """{"inputs": {"x": [1, 0]}, "target": 0, "key": "a"}""", HttpStatusCode.OK);

        await host.PostAsync("/fine-tuning/feedback", """{"key": "a", "target": 1}""", HttpStatusCode.NoContent);
        string missing = await host.ProblemAsync("/fine-tuning/feedback", """{"key": "b", "target": 1}""", HttpStatusCode.NotFound);
        string wrong = await host.ProblemAsync("/fine-tuning/feedback", """{"key": "a", "target": 5}""", HttpStatusCode.BadRequest);

        var snapshot = await host.Model.Store.TakeSnapshotAsync(Cancelled);
        Assert.Equal(1, snapshot.Training.Concat(snapshot.HeldOut).Single().Target!.Values<long>()[0]);
        Assert.Contains("'b'", missing, StringComparison.Ordinal);
        Assert.Contains("Label 5", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feedback_about_answers_is_counted_for_their_version()
    {
        await using var host = await WebHost.StartAsync(_folder);
        string version = (await host.GetJsonAsync("/fine-tuning/status")).GetProperty("version").GetProperty("label").GetString()!;

        var watching = CountedAsync(host, 2);
        await host.PostAsync("/fine-tuning/feedback", $$"""{"version": "{{version}}", "right": true}""", HttpStatusCode.NoContent);
        await host.PostAsync("/fine-tuning/feedback", $$"""{"version": "{{version}}", "score": 0.5}""", HttpStatusCode.NoContent);

        var report = await watching;
        Assert.Equal(2, report.Feedback.Count);
        Assert.Equal(0.75, report.Feedback.Mean, 6);
        Assert.Contains("'v9'", await host.ProblemAsync("/fine-tuning/feedback", """{"version": "v9", "right": true}""", HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "or both")]
    [InlineData("""{"key": "a"}""", "both key and target")]
    [InlineData("""{"target": 1}""", "both key and target")]
    [InlineData("""{"version": "v0"}""", "either right or score")]
    [InlineData("""{"right": true}""", "takes version")]
    [InlineData("""{"version": "v0", "right": true, "score": 1}""", "either right or score")]
    [InlineData("""{"version": "v0", "score": "NaN"}""", "finite")]
    public async Task Feedback_that_says_too_little_or_too_much_is_refused(string body, string expected)
    {
        await using var host = await WebHost.StartAsync(_folder);

        Assert.Contains(expected, await host.ProblemAsync("/fine-tuning/feedback", body, HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sample_without_a_label_is_kept_and_gets_it_by_feedback()
    {
        await using var host = await WebHost.StartAsync(_folder);

        await host.PostAsync(Samples, """{"inputs": {"x": [1, 0]}, "key": "a", "source": "camera-3"}""", HttpStatusCode.OK);
        Assert.Equal(1, (await host.GetJsonAsync("/fine-tuning/status")).GetProperty("samples").GetProperty("unlabelled").GetInt32());
        await host.PostAsync("/fine-tuning/feedback", """{"key": "a", "target": 1}""", HttpStatusCode.NoContent);

        var counts = (await host.GetJsonAsync("/fine-tuning/status")).GetProperty("samples");
        Assert.Equal(0, counts.GetProperty("unlabelled").GetInt32());
        Assert.Equal(1, counts.GetProperty("new").GetInt32());
        var snapshot = await host.Model.Store.TakeSnapshotAsync(Cancelled);
        Assert.Equal("camera-3", snapshot.Training.Concat(snapshot.HeldOut).Single().Source);
    }

    [Fact]
    public async Task A_subject_is_forgotten_by_its_name_whatever_is_in_it()
    {
        await using var host = await WebHost.StartAsync(_folder);
        await host.PostAsync(Samples, """{"inputs": {"x": [1, 0]}, "target": 0, "subject": "a b/c"}""", HttpStatusCode.OK);

        using var response = await host.Client.DeleteAsync("/fine-tuning/subjects/" + Uri.EscapeDataString("a b/c"), Cancelled);

        Assert.Equal(1, (await WebHost.ReadAsync(response, HttpStatusCode.OK)).GetProperty("samples").GetInt32());
        Assert.Equal(0, (await host.Model.Store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_in_time_ends_the_request_with_when_to_ask_again()
    {
        var released = new TaskCompletionSource();
        await using var host = await WebHost.StartAsync(
            _folder, static options => options.MaximumWait = TimeSpan.FromMilliseconds(100), store: new SlowStore(new InMemorySampleStore(10), released.Task));

        using var response = await host.PostAsync(Samples, """{"inputs": {"x": [1, 0]}, "target": 0}""");
        released.SetResult();

        Assert.Contains("same key", await WebHost.ProblemAsync(response, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Requests_beyond_those_that_may_wait_are_turned_away()
    {
        var released = new TaskCompletionSource();
        var store = new SlowStore(new InMemorySampleStore(10), released.Task);
        await using var host = await WebHost.StartAsync(
            _folder,
            static options =>
            {
                options.MaximumConcurrentRequests = 1;
                options.MaximumQueuedRequests = 0;
            },
            store: store);
        const string Body = """{"inputs": {"x": [1, 0]}, "target": 0}""";
        var first = host.PostAsync(Samples, Body);
        await store.Entered;

        using var second = await host.PostAsync(Samples, Body);
        released.SetResult();

        Assert.Contains("MaximumQueuedRequests", await WebHost.ProblemAsync(second, HttpStatusCode.TooManyRequests), StringComparison.Ordinal);
        Assert.NotNull(second.Headers.RetryAfter);
        using var done = await first;
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
    }

    [Fact]
    public async Task Bytes_for_which_there_is_no_room_hold_a_request_up_and_requests_beyond_those_that_may_wait_are_turned_away()
    {
        var released = new TaskCompletionSource();
        var store = new SlowStore(new InMemorySampleStore(10), released.Task);
        await using var host = await WebHost.StartAsync(
            _folder,
            static options =>
            {
                options.MaximumConcurrentRequests = 2;
                options.MaximumQueuedRequests = 0;
            },
            store: store,
            configure: static options => options.QueueCapacityBytes = 16);
        var first = host.PostAsync(Samples, """{"inputs": {"x": [1, 0]}, "target": 0}""");
        await store.Entered;

        List<Task<HttpResponseMessage>> others =
        [
            host.PostAsync(Samples, """{"inputs": {"x": [2, 0]}, "target": 0}"""),
            host.PostAsync(Samples, """{"inputs": {"x": [3, 0]}, "target": 0}"""),
        ];
        var answered = await Task.WhenAny(others);
        var samples = (await host.GetJsonAsync("/fine-tuning/status")).GetProperty("samples");
        released.SetResult();

        using var refused = await answered;
        await WebHost.ProblemAsync(refused, HttpStatusCode.TooManyRequests);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal((0, 16), (samples.GetProperty("waiting").GetInt32(), samples.GetProperty("waitingBytes").GetInt32()));
        using var one = await first;
        using var other = await others.Single(request => request != answered);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (one.StatusCode, other.StatusCode));
        Assert.Equal(2, (await host.Model.Store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task A_failing_store_is_told_as_unavailable_with_its_reason()
    {
        var failing = new SlowStore(new InMemorySampleStore(10), Task.FromException(new SampleStoreException("The disk is full.")));
        await using var host = await WebHost.StartAsync(_folder, store: failing);

        string detail = await host.ProblemAsync(Samples, """{"inputs": {"x": [1, 0]}, "target": 0}""", HttpStatusCode.ServiceUnavailable);

        Assert.Contains("The disk is full", detail, StringComparison.Ordinal);
    }

    private static async Task<WatchReport> CountedAsync(WebHost host, int count)
    {
        while (true)
        {
            if (host.Model.Monitor.Watch is { } report && report.Feedback.Count >= count)
                return report;
            await Task.Delay(10, Cancelled);
        }
    }
}
