using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tests.Personalization.Support;
using OrtAdaMomentum.Tests.Support;

namespace OrtAdaMomentum.Tests.Personalization;

/// <summary>The service on transformers, whose sequences have lengths of their own.</summary>
public sealed class TransformerModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tokens_of_sequences_of_any_length_are_learned()
    {
        File.WriteAllBytes(_folder["model.onnx"], SmallTransformer.Model(tags: true));
        await using var host = await ServiceHost.StartAsync(_folder, Learning);
        await host.AddAsync(Samples(300, static ids => SampleTensor.Of<long>([.. ids.Select(static id => id % 2)], ids.Length)));

        var decision = await host.Control.RequestRunAsync(Cancelled);

        Assert.True(decision.Promote, decision.Reason);
        Assert.True(decision.Candidate.HeldOut!.Accuracy > 0.95, decision.Reason);
    }

    [Fact]
    public void A_target_that_is_not_as_long_as_the_answer_has_no_score()
    {
        var schema = SampleSchema.Of(ArtifactGenerator.Generate(OnnxModel.Load(SmallTransformer.Model(tags: true))).Manifest);
        var output = SampleTensor.Of<float>([1, 0, 0, 1, 1, 0], 3, 2);
        Assert.Equal(2.0 / 3, AnswerScore.Of(schema, output, SampleTensor.Of<long>([0, 1, 1], 3))!.Value, 12);
        Assert.Null(AnswerScore.Of(schema, output, SampleTensor.Of<long>([0, 1, 0, 1], 4)));
        Assert.Null(AnswerScore.Of(schema, output, SampleTensor.Of<long>([0, 1], 2)));
    }

    [Fact]
    public async Task Sequences_are_learned_in_batches_that_are_filled_up_where_the_mask_says_so()
    {
        File.WriteAllBytes(_folder["model.onnx"], SmallTransformer.Model(tags: false));
        await using var host = await ServiceHost.StartAsync(_folder, static options =>
        {
            Learning(options);
            // Any token will do where the mask is 0.
            options.Padding["ids"] = 7;
            options.Padding["mask"] = 0;
        });
        await host.AddAsync(Samples(300, static ids => SampleTensor.Scalar(ids.Contains(5) ? 1L : 0L)));

        var decision = await host.Control.RequestRunAsync(Cancelled);

        Assert.True(decision.Promote, decision.Reason);
        Assert.True(decision.Candidate.HeldOut!.Accuracy > 0.9, decision.Reason);
    }

    [Fact]
    public async Task Inputs_of_one_name_that_are_not_as_long_as_each_other_are_refused()
    {
        File.WriteAllBytes(_folder["model.onnx"], SmallTransformer.Model(tags: false));
        await using var host = await ServiceHost.StartAsync(_folder, Learning);
        var inputs = new Dictionary<string, SampleTensor> { ["ids"] = SampleTensor.Of<long>([1, 2, 3], 3), ["mask"] = SampleTensor.Of<float>([1, 1], 2) };
        const string said = "mask[0] has an extent of 2, but ids[0] one of 3; both are the model's 'sequence'.";

        var error = await Assert.ThrowsAsync<InvalidSampleException>(() => host.Ingest.AddAsync(new Sample(inputs, SampleTensor.Scalar(1L)), Cancelled).AsTask());
        Assert.Equal(said, error.Message);
        Assert.Equal(said, Assert.Throws<InvalidSampleException>(() => host.Predictor.Predict(inputs)).Message);
        // A token that the model does not have.
        inputs = new() { ["ids"] = SampleTensor.Of<long>([1, 99], 2), ["mask"] = SampleTensor.Of<float>([1, 1], 2) };
        Assert.StartsWith(
            "The model cannot run on inputs of the extents ids[0] = 2, mask[0] = 2: ",
            Assert.Throws<InvalidSampleException>(() => host.Predictor.Predict(inputs)).Message, StringComparison.Ordinal);
    }

    private static void Learning(FineTuningServiceOptions options)
    {
        options.MinimumSamples = 1000;
        options.LearningRate = 0.02;
        options.Schedule = "constant";
        options.WarmupSteps = 0;
        options.Epochs = 20;
        options.BatchSize = 16;
        options.Threads = 1;
    }

    private static IEnumerable<Sample> Samples(int count, Func<long[], SampleTensor> target)
    {
        var random = new Random(1);
        for (int index = 0; index < count; index++)
        {
            long[] ids = [.. Enumerable.Range(0, random.Next(2, 9)).Select(_ => (long)random.Next(1, 8))];
            var inputs = new Dictionary<string, SampleTensor>
            {
                ["ids"] = SampleTensor.Of<long>(ids, ids.Length),
                ["mask"] = SampleTensor.Of<float>([.. ids.Select(static _ => 1f)], ids.Length),
            };
            yield return new Sample(inputs, target(ids), $"sample {index}");
        }
    }
}
