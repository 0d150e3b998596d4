using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using OrtAdaMomentum.AspNetCore;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Web;

public sealed class FineTuningWebOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once_before_the_host_starts()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => WebHost.StartAsync(_folder, static options =>
        {
            options.ApiKey = "has no effect";
            options.AllowedHosts.Add("panel.example:80");
            options.AllowedOrigins.Add("https://panel.example/path");
            options.MaximumRequestBytes = 5;
            options.MaximumSamplesPerRequest = 0;
            options.MaximumConcurrentRequests = 0;
            options.MaximumQueuedRequests = -1;
            options.MaximumEventStreams = -1;
            options.MaximumWait = TimeSpan.Zero;
            options.MaximumFailedKeys = 5;
            options.MaximumFailedKeysInTotal = 4;
            options.FailedKeyPeriod = TimeSpan.FromMilliseconds(1);
        }));

        Assert.Equal(11, error.Failures.Count());
        Assert.Contains("MaximumRequestBytes must be at least 1024 and at most 1073741824, was 5.", error.Failures);
        Assert.Contains("MaximumFailedKeysInTotal must be at least 5 and at most 1000000, was 4.", error.Failures);
        Assert.Contains("FailedKeyPeriod must be at least 1 second and at most 1 day, was 00:00:00.0010000.", error.Failures);
        Assert.Contains(error.Failures, static failure => failure.Contains("'panel.example:80'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, null, "must be given")]
    [InlineData("short", null, "at least 16 characters, had 5")]
    [InlineData("key with a space in it", null, "visible ASCII")]
    [InlineData("0123456789abcdef", "also", "not both")]
    [InlineData(null, "missing", "cannot be read")]
    [InlineData(null, "empty", "at least 16 characters, had 0")]
    [InlineData(null, "large", "5000 bytes")]
    public async Task A_key_that_cannot_be_used_is_told_without_showing_it(string? key, string? file, string expected)
    {
        File.WriteAllText(_folder["empty"], "\n");
        File.WriteAllText(_folder["large"], new string('x', 5000));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => WebHost.StartAsync(_folder, options =>
        {
            options.Access = FineTuningAccess.ApiKey;
            options.ApiKey = key;
            options.ApiKeyFile = file is null ? null : _folder[file];
        }));

        string failure = Assert.Single(error.Failures);
        Assert.Contains(expected, failure, StringComparison.Ordinal);
        if (key is not null)
            Assert.DoesNotContain(key, failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_with_the_name_of_an_endpoint_is_refused()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => WebHost.StartAsync(_folder, names: ["Status"]));

        Assert.Contains("'Status'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_options_take_effect_and_wrong_ones_leave_those_before_in_force()
    {
        var configuration = new ConfigurationManager { ["Web:MaximumSamplesPerRequest"] = "1" };
        await using var host = await WebHost.StartAsync(
            _folder, build: builder => builder.Services.AddFineTuningWeb(configuration.GetSection("Web")));
        const string Two = """[{"inputs": {"x": [1, 0]}, "target": 0}, {"inputs": {"x": [0, 1]}, "target": 1}]""";
        await host.ProblemAsync("/fine-tuning/samples", Two, System.Net.HttpStatusCode.RequestEntityTooLarge);

        Set("2");
        await host.PostAsync("/fine-tuning/samples", Two, System.Net.HttpStatusCode.OK);

        Set("0");
        await host.PostAsync("/fine-tuning/samples", Two, System.Net.HttpStatusCode.OK);
        Assert.Contains(
            host.Logs.GetSnapshot(), static record => record.Id.Id == 141 && record.Message.Contains("MaximumSamplesPerRequest", StringComparison.Ordinal));

        void Set(string value)
        {
            configuration["Web:MaximumSamplesPerRequest"] = value;
            ((IConfigurationRoot)configuration).Reload();
        }
    }
}
