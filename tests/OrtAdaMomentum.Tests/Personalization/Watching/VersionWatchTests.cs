using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Watching;

/// <summary>What is reported of answers, and what follows from it.</summary>
public sealed class VersionWatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new() { IsRepeatable = true };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_version_that_does_worse_than_its_parent_did_is_rolled_back_and_not_accepted_again()
    {
        await using var host = await StartAsync();
        using var promotions = new MetricCollector<long>(host.Get<IMeterFactory>(), FineTuningMetrics.Name, "ortadamomentum.promotions");
        using var feedback = new MetricCollector<long>(host.Get<IMeterFactory>(), FineTuningMetrics.Name, "ortadamomentum.feedback");
        var promoted = await PromoteAsync(host, right: 90);
        Assert.Equal(host.Time.GetUtcNow() + TimeSpan.FromDays(1), host.Monitor.Watch!.Until);

        var served = host.NextAsync<VersionServed>();
        Report(host, promoted, right: 20, count: 49);
        await CountedAsync(host, 49);
        Assert.Equal(promoted.Id, host.Registry.Current.Id);
        host.Get<IModelFeedback>().Report(host.Predictor.Predict(TinyClassifier.Samples(1).First().Inputs), isRight: false);
        Assert.Equal(0, (await served).Version.Number);

        var left = host.Registry.Versions[1];
        Assert.False(left.Accepted);
        Assert.StartsWith("rolled back by the watch: v1-", left.Reason, StringComparison.Ordinal);
        Assert.Contains("scored 0.4 in 50 reports, its parent 0.9 in 100", left.Reason, StringComparison.Ordinal);
        Assert.Equal("watch", promotions.LastMeasurement!.Tags["cause"]);
        Assert.Equal(150, feedback.GetMeasurementSnapshot().Sum(static measurement => measurement.Value));
        await UntilAsync(host, report => report.RolledBackFrom == left.Id && report.Until is null);

        // A run on more samples that comes to the same model.
        await host.AddAsync(TinyClassifier.Samples(10, seed: 3));
        var again = await host.Control.RequestRunAsync(Cancelled);
        Assert.False(again.Promote);
        Assert.Contains("which was left: rolled back by the watch", again.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 88, 100)] // no worse by more than is allowed
    [InlineData(100, 95, 100)] // better
    [InlineData(49, 0, 100)] // too little is known of the parent
    public async Task A_version_of_which_nothing_bad_is_sure_stays(int parentReports, int right, int count)
    {
        await using var host = await StartAsync();
        var promoted = await PromoteAsync(host, right: parentReports == 100 ? 90 : 49, parentReports);
        Report(host, promoted, right, count);
        await CountedAsync(host, count);
        Assert.Equal(promoted.Id, host.Registry.Current.Id);
        Assert.Equal((double)right / count, host.Monitor.Watch!.Feedback.Mean, 12);
        Assert.Equal(parentReports, host.Monitor.Watch.Parent!.Count);
    }

    [Fact]
    public async Task The_watch_ends_with_its_period()
    {
        await using var host = await StartAsync();
        var promoted = await PromoteAsync(host, right: 90);
        host.Time.Advance(TimeSpan.FromDays(1));
        Report(host, promoted, right: 0, count: 100);
        await CountedAsync(host, 100);
        Assert.Equal(promoted.Id, host.Registry.Current.Id);
        Assert.Null(host.Monitor.Watch!.Until);
    }

    [Fact]
    public async Task A_version_promoted_by_hand_is_watched_and_one_that_was_rolled_back_to_is_not()
    {
        await using var host = await StartAsync();
        var promoted = await PromoteAsync(host, right: 90);
        await host.Control.RollBackAsync(Cancelled);
        await UntilAsync(host, static report => report.Until is null);
        await host.Control.PromoteAsync(promoted.Id, Cancelled);
        await UntilAsync(host, static report => report.Until is not null);

        var served = host.NextAsync<VersionServed>();
        Report(host, promoted, right: 0, count: 50);
        Assert.Equal(0, (await served).Version.Number);
    }

    [Fact]
    public async Task What_was_reported_counts_on_after_a_restart()
    {
        ModelVersion promoted;
        await using (var host = await StartAsync())
        {
            promoted = await PromoteAsync(host, right: 90);
            Report(host, promoted, right: 0, count: 30);
            await CountedAsync(host, 30);
        }

        await using var again = await StartAsync();
        Assert.Equal((30, 100), (again.Monitor.Watch!.Feedback.Count, again.Monitor.Watch.Parent!.Count));
        Assert.NotNull(again.Monitor.Watch.Until);
        var served = again.NextAsync<VersionServed>();
        Report(again, promoted, right: 0, count: 20);
        Assert.Equal(0, (await served).Version.Number);
    }

    [Fact]
    public async Task A_version_promoted_just_before_the_process_ended_is_watched()
    {
        using var after = new TemporaryFolder();
        await using (var host = await StartAsync())
        {
            await host.AddAsync(TinyClassifier.Samples(30));
            Report(host, host.Registry.Current, right: 90, count: 100);
            await CountedAsync(host, 100);
        }

        string before = await File.ReadAllTextAsync(_folder["data", "watch.json"], Cancelled);
        await using (var host = await StartAsync())
            await host.Control.RequestRunAsync(Cancelled);
        await File.WriteAllTextAsync(_folder["data", "watch.json"], before, Cancelled);

        await using var again = await StartAsync();
        Assert.Equal((1, 100), (again.Registry.Current.Number, again.Monitor.Watch!.Parent!.Count));
        Assert.NotNull(again.Monitor.Watch.Until);
    }

    [Fact]
    public async Task A_damaged_file_of_reports_stops_nothing()
    {
        Directory.CreateDirectory(_folder["data"]);
        await File.WriteAllTextAsync(_folder["data", "watch.json"], "{\"version\":", Cancelled);
        await using var host = await StartAsync();
        Assert.Equal(0, host.Monitor.Watch!.Feedback.Count);
    }

    [Fact]
    public async Task Samples_that_come_in_are_asked_of_the_version_and_its_parent()
    {
        await using var host = await StartAsync(static options => options.Watch.ScoreSamples = true);
        await host.AddAsync(TinyClassifier.Samples(30));
        Assert.True((await host.Control.RequestRunAsync(Cancelled)).Promote);
        await UntilAsync(host, static report => report.Until is not null);

        // What was right becomes wrong: the version knows the answer, and its parent says the first class whatever it sees.
        var served = host.NextAsync<VersionServed>();
        var samples = TinyClassifier.Samples(50, seed: 7, wrong: true).ToList();
        foreach (var sample in samples)
            await host.AddAsync([sample]);
        Assert.Equal(0, (await served).Version.Number);
        double parent = samples.Average(static sample => sample.Target!.Values<long>()[0] == 0 ? 1.0 : 0);
        Assert.Contains(
            System.FormattableString.Invariant($"scored 0 on 50 samples that came in, its parent {parent:0.####};"), host.Registry.Versions[1].Reason, StringComparison.Ordinal);
        await UntilAsync(host, static report => report.RolledBackFrom is not null);
        Assert.Equal(1, host.Part<ModelServer>().LiveSessions);
    }

    [Fact]
    public async Task Wrong_labels_count_against_the_parent_as_well()
    {
        await using var host = await StartAsync(static options => options.Watch.ScoreSamples = true);
        Report(host, host.Registry.Current, right: 90, count: 100);
        await host.AddAsync(TinyClassifier.Samples(30));
        Assert.True((await host.Control.RequestRunAsync(Cancelled)).Promote);
        await UntilAsync(host, static report => report.Until is not null);

        // Four of ten labels are wrong: the version is right in 0.6, its parent, which always says the same, in about half of them.
        var samples = TinyClassifier.Samples(120, seed: 8).Concat(TinyClassifier.Samples(80, seed: 9, wrong: true));
        await host.AddAsync(samples);
        Report(host, host.Registry.Current, right: 1, count: 1);
        await UntilAsync(host, static report => report.Feedback.Count == 1);
        Assert.Equal((200, 0.6), (host.Monitor.Watch!.Samples.Count, host.Monitor.Watch.Samples.Mean));
        Assert.Equal(1, host.Registry.Current.Number);
        Assert.Equal(2, host.Part<ModelServer>().LiveSessions);

        // What was compared is known after a restart, and the parent's session ends with the watch.
        await host.StopAsync();
        await using var again = await StartAsync(static options => options.Watch.ScoreSamples = true);
        Assert.Equal(200, again.Monitor.Watch!.Samples.Count);
        await again.AddAsync(TinyClassifier.Samples(1, seed: 20));
        await UntilAsync(again, static report => report.Samples.Count == 201);
        again.Time.Advance(TimeSpan.FromDays(1));
        await again.AddAsync(TinyClassifier.Samples(1, seed: 21));
        await UntilAsync(again, static report => report.Until is null);
        Assert.Equal(1, again.Part<ModelServer>().LiveSessions);
    }

    [Fact]
    public async Task Samples_that_were_there_before_say_nothing()
    {
        await using var host = await StartAsync(static options => options.Watch.ScoreSamples = true);
        var samples = TinyClassifier.Samples(30).ToList();
        await host.AddAsync(samples);
        Assert.True((await host.Control.RequestRunAsync(Cancelled)).Promote);
        await UntilAsync(host, static report => report.Until is not null);
        await host.AddAsync(samples);
        await host.AddAsync(TinyClassifier.Samples(3, seed: 2));
        await UntilAsync(host, static report => report.Samples.Count > 0);
        Assert.InRange(host.Monitor.Watch!.Samples.Count, 1, 3);
    }

    [Fact]
    public async Task A_report_that_says_nothing_is_refused()
    {
        await using var host = await StartAsync();
        var feedback = host.Get<IModelFeedback>();
        Assert.StartsWith("There is no version 'abc'.", Assert.Throws<FineTuningException>(() => feedback.Report("abc", 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => feedback.Report(host.Registry.Current.Id, double.NaN));
    }

    [Fact]
    public async Task A_real_model_is_rolled_back_while_requests_go_on()
    {
        File.Copy(Digits.File("digits-base.onnx"), _folder["model.onnx"]);
        await using var host = await ServiceHost.StartAsync(_folder, static options => options.Watch.ScoreSamples = false);
        var digit = Digits.Samples(Digits.Open("optdigits-heldout")).First();
        var other = OrtAdaMomentum.Onnx.Proto.ModelProto.Parser.ParseFrom(host.Registry.ReadModel(host.Registry.Current));
        other.ProducerName = "another version";
        var version = host.Registry.Commit(Google.Protobuf.MessageExtensions.ToByteArray(other), host.Registry.Current, Registries.Decision(true));
        Report(host, host.Registry.Current, right: 90, count: 100);
        await CountedAsync(host, 100);
        await host.Control.PromoteAsync(version.Id, Cancelled);
        await UntilAsync(host, static report => report.Until is not null);
        using var stop = new CancellationTokenSource();
        var requests = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                    host.Predictor.Predict(digit.Inputs);
            },
            Cancelled);

        var served = host.NextAsync<VersionServed>();
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        Report(host, version, right: 0, count: 50);
        Assert.Equal(0, (await served).Version.Number);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"from the last report to the parent being served: {System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms");
        await stop.CancelAsync();
        await requests;
    }

    private Task<ServiceHost> StartAsync(Action<FineTuningServiceOptions>? configure = null) => ServiceHost.StartAsync(
        _folder,
        options =>
        {
            (options.MinimumSamples, options.Watch.ScoreSamples) = (1000, false);
            configure?.Invoke(options);
        },
        _engine);

    /// <summary>Lets a version be promoted over one of which something is known.</summary>
    private static async Task<ModelVersion> PromoteAsync(ServiceHost host, int right, int count = 100)
    {
        Report(host, host.Registry.Current, right, count);
        await CountedAsync(host, count);
        await host.AddAsync(TinyClassifier.Samples(30));
        Assert.True((await host.Control.RequestRunAsync(Cancelled)).Promote);
        await UntilAsync(host, static report => report.Until is not null);
        return host.Registry.Current;
    }

    private static void Report(ServiceHost host, ModelVersion version, int right, int count)
    {
        for (int report = 0; report < count; report++)
            host.Get<IModelFeedback>().Report(version.Id, report < right ? 1 : 0);
    }

    private static Task CountedAsync(ServiceHost host, int count) => UntilAsync(host, report => report.Feedback.Count >= count);

    // Single reports are no events, so that there is nothing to wait for but the count.
    private static async Task UntilAsync(ServiceHost host, Func<WatchReport, bool> condition)
    {
        while (!condition(host.Monitor.Watch!))
            await Task.Delay(5, Cancelled);
    }
}
