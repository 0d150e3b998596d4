using System.Diagnostics.Metrics;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

/// <summary>The service on a model of sequences, each of which has a length of its own.</summary>
public sealed class SequenceModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SequenceModelTests() => File.WriteAllBytes(_folder["model.onnx"], SequenceReader.Model());

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sequences_of_any_length_are_learned_and_the_new_version_reads_them_with_fewer_edits()
    {
        await using var host = await ServiceHost.StartAsync(_folder, Learning, build: static builder => builder.AddPredictor<float[,], long[]>(Encode, Decode));
        Assert.True(Read(host, SequenceReader.Samples(50, seed: 9)) < 0.1);
        Assert.True(Read(host, SequenceReader.Samples(50, seed: 9, mirrored: true)) > 0.5);
        var decided = host.NextAsync<CandidateDecided>();
        var served = host.NextAsync<VersionServed>();

        await host.AddAsync(Subjects(200));

        var decision = (await decided).Decision;
        Assert.True(decision.Promote, decision.Reason);
        Assert.Contains("edit distance", decision.Reason, StringComparison.Ordinal);
        Assert.Equal(GateMetric.EditDistance, decision.HeldOut!.Metric);
        // Resampled by subject, of which there are fewer than samples.
        Assert.True(decision.HeldOut.Groups < decision.HeldOut.Samples, $"{decision.HeldOut.Groups} of {decision.HeldOut.Samples}");
        Assert.Equal(1, (await served).Version.Number);
        Assert.True(Read(host, SequenceReader.Samples(50, seed: 9, mirrored: true)) < 0.1);

        var answer = host.Get<IPredictor<float[,], long[]>>().Predict(new float[,] { { 1, 0, 0, 0, 0 }, { 0, 0, 0, 0, 1 }, { 1, 0, 0, 0, 0 }, { 0, 1, 0, 0, 0 } });
        Assert.Equal([1, 4], answer.Value);
        Assert.Equal(1, answer.Version.Number);
    }

    [Fact]
    public async Task Golden_sequences_stop_a_candidate_that_reads_them_worse()
    {
        var golden = new SampleDataset(SequenceReader.Schema(), [.. SequenceReader.Samples(60, seed: 5)]);
        await using var host = await ServiceHost.StartAsync(
            _folder, Learning, build: builder => builder.UseReferenceData(_ => new ReferenceData(golden, null)));
        await host.AddAsync(Subjects(150));

        var decision = await host.Control.RequestRunAsync(Cancelled);

        Assert.False(decision.Promote);
        Assert.Contains("but edit distance on 60 golden samples", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rehearsed_sequences_stay_known()
    {
        var known = new SampleDataset(SequenceReader.Schema(), [.. SequenceReader.Samples(300, seed: 5)]);
        await using var host = await ServiceHost.StartAsync(
            _folder,
            static options =>
            {
                Learning(options);
                options.ReplayShare = 0.7;
            },
            build: builder => builder.UseReferenceData(_ => new ReferenceData(known, known)));
        // The same hand, so that both can be known.
        await host.AddAsync(Subjects(150, mirrored: false));

        var decision = await host.Control.RequestRunAsync(Cancelled);

        Assert.InRange(decision.Golden!.Candidate, 0, decision.Golden.Current + 0.01);
    }

    [Fact]
    public async Task Batches_of_sequences_that_are_filled_up_where_the_model_does_not_see_it_are_learned_as_well()
    {
        await using var host = await ServiceHost.StartAsync(_folder, static options => Filling(options, 0));
        var decided = host.NextAsync<CandidateDecided>();
        await host.AddAsync(Subjects(200));

        var decision = (await decided).Decision;

        Assert.True(decision.Promote, decision.Reason);
        Assert.InRange(decision.HeldOut!.Candidate, 0, 0.1);
    }

    [Fact]
    public async Task Sequences_that_are_filled_up_where_the_model_sees_it_are_not_trained_on()
    {
        await using var host = await ServiceHost.StartAsync(_folder, static options => Filling(options, 3));
        await host.AddAsync(Subjects(100));

        var error = await Assert.ThrowsAsync<FineTuningException>(() => host.Control.RequestRunAsync(Cancelled));

        Assert.Contains("Padding changes what the model makes of a sample", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, host.Registry.Current.Number);
    }

    [Fact]
    public async Task Padding_of_no_input_stops_the_start()
    {
        var error = await Assert.ThrowsAsync<FineTuningException>(() => ServiceHost.StartAsync(_folder, static options =>
        {
            Learning(options);
            options.Padding["labels"] = -1;
        }));
        Assert.Contains("Padding:labels is no input of the model. Its inputs: features.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, false)] // before the first checkpoint
    [InlineData(8, false)] // between two checkpoints, in the middle of an epoch
    [InlineData(23, false)]
    [InlineData(8, true)]
    public async Task A_run_that_was_killed_ends_with_the_same_candidate(int step, bool filled)
    {
        Action<FineTuningServiceOptions> configure = filled ? static options => Filling(options, 0) : Learning;
        using var killed = new TemporaryFolder();
        File.Copy(_folder["model.onnx"], killed["model.onnx"]);
        string undisturbed;
        await using (var host = await ServiceHost.StartAsync(_folder, configure))
        {
            using var listener = AtStep(host, step, () => Transitions.Copy(_folder["data"], killed["data"]));
            var decided = host.NextAsync<CandidateDecided>();
            await host.AddAsync(Subjects(200));
            undisturbed = (await decided).Candidate.Id;
        }

        Assert.True(File.Exists(killed["data", "run", "run.json"]));
        await using var again = await ServiceHost.StartAsync(killed, configure);
        await again.NextAsync<StateChanged>(change => change.State == FineTuningState.Idle && again.Monitor.Decisions.Count > 0);

        Assert.Equal(undisturbed, again.Monitor.Decisions[0].Candidate.Id);
        Assert.Equal(undisturbed, again.Registry.Current.Id);
    }

    [Fact]
    public async Task A_sample_or_request_that_is_too_long_is_refused()
    {
        await using var host = await ServiceHost.StartAsync(_folder, static options =>
        {
            Learning(options);
            options.MaximumExtents["time"] = 30;
        });
        var tooLong = SampleTensor.Of<float>(new float[31 * 5], 31, 5);
        const string said = "Input features[0] (time) has an extent of 31, more than the 30 that MaximumExtents allows.";

        var error = await Assert.ThrowsAsync<InvalidSampleException>(() => host.Ingest.AddAsync(new Sample("features", tooLong, null), Cancelled).AsTask());
        Assert.StartsWith(said, error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidSampleException>(() => host.Predictor.Predict(new Dictionary<string, SampleTensor> { ["features"] = tooLong }));
        Assert.StartsWith(said, error.Message, StringComparison.Ordinal);
        var batch = SampleTensor.Of<float>(new float[2 * 31 * 5], 2, 31, 5);
        error = Assert.Throws<InvalidSampleException>(() => host.Predictor.Predict(new Dictionary<string, SampleTensor> { ["features"] = batch }));
        Assert.StartsWith(said, error.Message, StringComparison.Ordinal);
        // Axes of other samples are not those of the batch.
        host.Predictor.Predict(new Dictionary<string, SampleTensor> { ["features"] = SampleTensor.Of<float>(new float[40 * 5], 40, 1, 5) });
    }

    [Fact]
    public async Task A_sample_that_is_too_short_for_the_model_is_refused_before_it_can_end_a_run()
    {
        File.WriteAllBytes(_folder["model.onnx"], SequenceReader.Model(narrow: true));
        await using var host = await ServiceHost.StartAsync(_folder, Learning);
        var tooShort = SampleTensor.Of<float>(new float[2 * 5], 2, 5);
        const string said = "The model cannot run on inputs of the extents features[0] = 2: ";

        var error = await Assert.ThrowsAsync<InvalidSampleException>(
            () => host.Ingest.AddAsync(new Sample("features", tooShort, SampleTensor.Of<long>([1], 1)), Cancelled).AsTask());
        Assert.StartsWith(said, error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidSampleException>(() => host.Predictor.Predict(new Dictionary<string, SampleTensor> { ["features"] = tooShort }));
        Assert.StartsWith(said, error.Message, StringComparison.Ordinal);

        // One that is in the store already, from wherever, is left out.
        await host.Get<ISampleStore>().AddAsync([new StoredSample(new Sample("features", tooShort, SampleTensor.Of<long>([1], 1)), SampleRole.Training)], Cancelled);
        await host.AddAsync(Subjects(150).Where(static sample => sample.Inputs["features"].Shape[0] >= 3));
        var decision = await host.Control.RequestRunAsync(Cancelled);
        Assert.True(decision.Promote, decision.Reason);
    }

    [Fact]
    public async Task A_limit_of_no_axis_stops_the_start()
    {
        var error = await Assert.ThrowsAsync<FineTuningException>(() => ServiceHost.StartAsync(_folder, static options =>
        {
            Learning(options);
            options.MaximumExtents["tme"] = 30;
        }));
        Assert.Contains("MaximumExtents:tme is of no open axis of the model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drift_is_seen_in_the_lengths_of_requests()
    {
        await using var host = await ServiceHost.StartAsync(_folder, static options =>
        {
            Learning(options);
            (options.Drift.ReferenceCount, options.Drift.WindowCount) = (100, 100);
        });
        var random = new Random(1);
        void Ask(int count, int longest)
        {
            for (int request = 0; request < count; request++)
            {
                int time = random.Next(5, longest);
                host.Predictor.Predict(new Dictionary<string, SampleTensor> { ["features"] = SampleTensor.Of<float>(OrtRun.Random(time * 5, request), time, 5) });
            }
        }

        Ask(250, longest: 20);
        Assert.False(Drift("features[0]").IsDrifting);
        Ask(150, longest: 60);
        Assert.True(Drift("features[0]").IsDrifting);
        Assert.Contains(host.Monitor.Drift!.Features, static feature => feature.Name == "confidence");

        FeatureDrift Drift(string name) => host.Monitor.Drift!.Features.Single(feature => feature.Name == name);
    }

    private static void Learning(FineTuningServiceOptions options)
    {
        SequenceReader.Configure(options);
        options.MinimumSamples = 200;
        options.CheckpointEverySteps = 5;
    }

    private static void Filling(FineTuningServiceOptions options, double value)
    {
        Learning(options);
        options.Padding["features"] = value;
    }

    /// <summary>Samples of subjects, of whom each brings several.</summary>
    private static IEnumerable<Sample> Subjects(int count, bool mirrored = true)
    {
        var random = new Random(1);
        for (int index = 0; index < count; index++)
        {
            long[] letters = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => (long)random.Next(1, 5))];
            yield return SequenceReader.Written(letters, random, mirrored, $"subject {index % 40}");
        }
    }

    /// <summary>Mean edits per letter of the served version.</summary>
    private static double Read(ServiceHost host, IEnumerable<Sample> samples) => samples.Average(
        sample => SequenceDistance.Of(host.Predictor.Predict(sample.Inputs).Output.Values<float>(), SequenceReader.Classes, sample.Target!.Values<long>(), 0, false));

    private static Dictionary<string, SampleTensor> Encode(float[,] steps) =>
        new() { ["features"] = SampleTensor.Of<float>([.. steps.Cast<float>()], steps.GetLength(0), steps.GetLength(1)) };

    private static long[] Decode(IReadOnlyDictionary<string, SampleTensor> outputs)
    {
        var steps = outputs["logits"].Values<float>().ToArray().Chunk(SequenceReader.Classes).Select(static step => (long)step.Index().MaxBy(static score => score.Item).Index).ToList();
        return [.. steps.Where((letter, index) => letter != 0 && (index == 0 || steps[index - 1] != letter))];
    }

    /// <summary>Does something at a step while training waits.</summary>
    private static MeterListener AtStep(ServiceHost host, int step, Action reached)
    {
        int steps = 0;
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, published) =>
            {
                if (instrument.Name == "ortadamomentum.training.steps" && ReferenceEquals(instrument.Meter.Scope, host.Get<IMeterFactory>()))
                    published.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            if (++steps == step)
                reached();
        });
        listener.Start();
        return listener;
    }
}
