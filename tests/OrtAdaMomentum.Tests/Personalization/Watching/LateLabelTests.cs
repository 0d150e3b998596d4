using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization.Watching;

/// <summary>What targets that come later say of the versions that answered before.</summary>
public sealed class LateLabelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new() { IsRepeatable = true };
    private int _barriers;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_version_whose_answers_turn_out_worse_than_those_of_its_parent_is_rolled_back()
    {
        await using var host = await StartAsync();
        // The base model says the first class whatever it sees.
        await LabelLaterAsync(host, Questions(60, seed: 1), static _ => 0);
        await UntilAsync(host, static report => report.Labels == new FeedbackSummary(60, 1));
        await PromoteAsync(host);

        var served = host.NextAsync<VersionServed>();
        await LabelLaterAsync(host, Questions(50, seed: 2), static sample => 1 - AnswerOf(sample));
        Assert.Equal(0, (await served).Version.Number);
        Assert.Contains("scored 0 in 50 labels that came later, its parent 1 in 60;", host.Registry.Versions[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_of_which_only_wrong_answers_are_corrected_is_not_taken_for_worse()
    {
        await using var host = await StartAsync();
        await LabelLaterAsync(host, Questions(60, seed: 1), static _ => 1);
        await PromoteAsync(host);
        await LabelLaterAsync(host, Questions(100, seed: 2), static sample => 1 - AnswerOf(sample));
        await CountedAsync(host);

        Assert.Equal(1, host.Registry.Current.Number);
        Assert.Equal((new FeedbackSummary(100, 0), new FeedbackSummary(60, 0)), (host.Monitor.Watch!.Labels, host.Monitor.Watch.ParentLabels));
        Assert.Equal(0, host.Monitor.Watch.Samples.Count);
    }

    [Fact]
    public async Task A_label_of_what_the_parent_answered_counts_for_the_parent()
    {
        await using var host = await StartAsync();
        var question = Questions(1, seed: 1)[0];
        await host.AddAsync([question]);
        await PromoteAsync(host);
        Assert.True(await host.Ingest.CorrectAsync(question.Key, SampleTensor.Scalar(0L), Cancelled));
        await CountedAsync(host);
        Assert.Equal((0, new FeedbackSummary(1, 1)), (host.Monitor.Watch!.Labels.Count, host.Monitor.Watch.ParentLabels));
    }

    [Fact]
    public async Task Each_sample_counts_once_with_the_label_that_came_last_also_after_a_restart()
    {
        var late = Questions(1, seed: 2)[0];
        var labelled = TinyClassifier.Samples(1, seed: 3).First();
        await using (var host = await StartAsync())
        {
            await PromoteAsync(host);
            await host.AddAsync([late, labelled]);
            await host.Ingest.CorrectAsync(late.Key, SampleTensor.Scalar(AnswerOf(late)), Cancelled);
            await CountedAsync(host);
            Assert.Equal((new FeedbackSummary(1, 1), 1, 1), (host.Monitor.Watch!.Labels, host.Monitor.Watch.Samples.Count, host.Monitor.Watch.Samples.Mean));
        }

        await using var again = await StartAsync();
        foreach (var (wrong, score) in new[] { (true, 0.0), (true, 0.0), (false, 1.0) })
        {
            foreach (var sample in new[] { late, labelled })
                Assert.True(await again.Ingest.CorrectAsync(sample.Key, SampleTensor.Scalar(wrong ? 1 - AnswerOf(sample) : AnswerOf(sample)), Cancelled));
            await CountedAsync(again);
            Assert.Equal(new FeedbackSummary(1, score), again.Monitor.Watch!.Labels);
            Assert.Equal((1, score), (again.Monitor.Watch.Samples.Count, again.Monitor.Watch.Samples.Mean));
        }
    }

    [Fact]
    public async Task A_correction_of_what_a_run_has_learned_from_says_nothing()
    {
        await using var host = await StartAsync();
        var learned = await PromoteAsync(host);
        Assert.True(await host.Ingest.CorrectAsync(learned[0].Key, SampleTensor.Scalar(1 - learned[0].Target!.Values<long>()[0]), Cancelled));
        await CountedAsync(host);
        Assert.Equal((0, 0, 0), (host.Monitor.Watch!.Labels.Count, host.Monitor.Watch.ParentLabels!.Count, host.Monitor.Watch.Samples.Count));
    }

    [Fact]
    public async Task A_sample_that_nobody_answered_is_asked_of_both()
    {
        await using var host = await StartAsync();
        await PromoteAsync(host);
        var imported = Questions(1, seed: 4)[0];
        await host.Get<ISampleStore>().AddAsync([new StoredSample(imported, SampleRole.Training)], Cancelled);
        await host.Ingest.CorrectAsync(imported.Key, SampleTensor.Scalar(AnswerOf(imported)), Cancelled);
        await CountedAsync(host);
        Assert.Equal((1, 1, 0), (host.Monitor.Watch!.Samples.Count, host.Monitor.Watch.Samples.Mean, host.Monitor.Watch.Labels.Count));
    }

    [Fact]
    public async Task Labels_that_come_later_are_not_scored_where_samples_are_not()
    {
        await using var host = await StartAsync(static options => options.Watch.ScoreSamples = false);
        await PromoteAsync(host);
        await LabelLaterAsync(host, Questions(3, seed: 1), AnswerOf);
        await CountedAsync(host);
        Assert.Equal(0, host.Monitor.Watch!.Labels.Count);
    }

    private Task<ServiceHost> StartAsync(Action<FineTuningServiceOptions>? configure = null) => ServiceHost.StartAsync(
        _folder,
        options =>
        {
            options.MinimumSamples = 1000;
            configure?.Invoke(options);
        },
        _engine);

    /// <summary>Lets a version that knows the answers be promoted; gives what it has learned from.</summary>
    private static async Task<List<Sample>> PromoteAsync(ServiceHost host)
    {
        var samples = TinyClassifier.Samples(30, seed: 99).ToList();
        await host.AddAsync(samples);
        Assert.True((await host.Control.RequestRunAsync(Cancelled)).Promote);
        await UntilAsync(host, static report => report.Until is not null);
        return samples;
    }

    private static async Task LabelLaterAsync(ServiceHost host, List<Sample> questions, Func<Sample, long> label)
    {
        await host.AddAsync(questions);
        foreach (var question in questions)
            Assert.True(await host.Ingest.CorrectAsync(question.Key, SampleTensor.Scalar(label(question)), Cancelled));
    }

    private static List<Sample> Questions(int count, int seed) =>
        [.. TinyClassifier.Samples(count, seed).Select(static sample => new Sample("x", sample.Inputs["x"], target: null))];

    private static long AnswerOf(Sample sample) => sample.Inputs["x"].Values<float>()[0] > sample.Inputs["x"].Values<float>()[1] ? 0 : 1;

    /// <summary>Waits until everything that came before has been counted: a report is counted after it.</summary>
    private async Task CountedAsync(ServiceHost host)
    {
        int before = host.Monitor.Watch!.Feedback.Count;
        host.Get<IModelFeedback>().Report(host.Registry.Current.Id, _barriers++ % 2);
        await UntilAsync(host, report => report.Feedback.Count > before);
    }

    private static async Task UntilAsync(ServiceHost host, Func<WatchReport, bool> condition)
    {
        while (!condition(host.Monitor.Watch!))
            await Task.Delay(5, Cancelled);
    }
}
