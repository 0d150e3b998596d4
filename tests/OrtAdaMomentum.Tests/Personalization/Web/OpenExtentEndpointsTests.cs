using System.Net;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>Sequences over HTTP, each with a length of its own.</summary>
public sealed class OpenExtentEndpointsTests : IDisposable
{
    private const string Samples = "/fine-tuning/samples";
    private const string Predict = "/fine-tuning/predict";

    private readonly TemporaryFolder _folder = new();

    public OpenExtentEndpointsTests() => File.WriteAllBytes(_folder["model.onnx"], SequenceReader.Model());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Samples_feedback_and_requests_have_extents_of_their_own()
    {
        await using var host = await StartAsync();
        string bytes = Convert.ToBase64String(new byte[3 * 5 * 4]);

        await host.PostAsync(
            Samples,
            $$$"""
            [
                {"inputs": {"features": [{{{Step}}}, {{{Step}}}]}, "target": [1], "key": "two"},
                {"inputs": {"features": {"shape": [3, 5], "base64": "{{{bytes}}}"}}, "target": [], "key": "three"},
                {"inputs": {"features": [{{{Step}}}, {{{Step}}}, {{{Step}}}, {{{Step}}}]}, "key": "four"}
            ]
            """,
            HttpStatusCode.OK);
        await host.PostAsync("/fine-tuning/feedback", """{"key": "four", "target": [2, 1]}""", HttpStatusCode.NoContent);
        await host.PostAsync("/fine-tuning/feedback", """{"key": "two", "target": [1, 2, 1]}""", HttpStatusCode.NoContent);

        var snapshot = await host.Model.Store.TakeSnapshotAsync(Cancelled);
        var found = snapshot.Training.Concat(snapshot.HeldOut).ToDictionary(static sample => sample.Key, static sample => $"{sample.Inputs["features"]} {sample.Target}");
        Assert.Equal("Float[2, 5] Int64[3]", found["two"]);
        Assert.Equal("Float[3, 5] Int64[0]", found["three"]);
        Assert.Equal("Float[4, 5] Int64[2]", found["four"]);

        var answer = await host.PostAsync(Predict, $$$"""{"inputs": {"features": [{{{Step}}}, {{{Step}}}, {{{Step}}}]}}""", HttpStatusCode.OK);
        Assert.Equal([3, 5], answer.GetProperty("outputs").GetProperty("logits").GetProperty("shape").EnumerateArray().Select(static extent => extent.GetInt32()));
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/fine-tuning/", Cancelled)).StatusCode);
    }

    [Theory]
    [InlineData(Samples, 7, "[1]", "Input features[0] (time) has an extent of 7, more than the 6 that MaximumExtents allows.")]
    [InlineData(Samples, 2, "[1, 2, 3, 4]", "Target labels[0] has an extent of 4, more than the 3 that MaximumExtents allows.")]
    [InlineData(Samples, 2, "[1, 0]", "class 0 is the blank")]
    [InlineData(Samples, 2, "1", "Target 'labels' is Int64[], but the model takes Int64[?] per sample.")]
    [InlineData(Samples, 0, "[1]", "Input 'features' is Float[0], but the model takes Float[time, 5] per sample.")]
    [InlineData(Predict, 7, null, "Input features[0] (time) has an extent of 7, more than the 6 that MaximumExtents allows.")]
    public async Task What_is_too_long_or_has_other_axes_is_a_bad_request_that_says_so(string path, int steps, string? target, string said)
    {
        await using var host = await StartAsync();
        string features = string.Join(", ", Enumerable.Repeat(Step, steps));
        string body = $$"""{"inputs": {"features": [{{features}}]}{{(target is null ? "" : $", \"target\": {target}")}}}""";

        Assert.Contains(said, await host.ProblemAsync(path, body, HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Equal(0, (await host.Model.Store.CountAsync(Cancelled)).Total);
    }

    [Fact]
    public async Task Feedback_with_a_target_that_is_too_long_is_a_bad_request()
    {
        await using var host = await StartAsync();
        await host.PostAsync(Samples, $$$"""{"inputs": {"features": [{{{Step}}}]}, "key": "a"}""", HttpStatusCode.OK);

        string said = await host.ProblemAsync("/fine-tuning/feedback", """{"key": "a", "target": [1, 2, 3, 4]}""", HttpStatusCode.BadRequest);

        Assert.Contains("Target labels[0] has an extent of 4, more than the 3 that MaximumExtents allows.", said, StringComparison.Ordinal);
    }

    private const string Step = "[0.5, 1, 0, 0, 0]";

    private Task<WebHost> StartAsync() => WebHost.StartAsync(_folder, configure: static options =>
    {
        SequenceReader.Configure(options);
        options.MaximumExtents["time"] = 6;
        options.MaximumExtents["labels[0]"] = 3;
    });
}
