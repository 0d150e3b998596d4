using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tests.Personalization.Support;

/// <summary>Training that a test decides about: what comes out of it, how good it is, and when it ends.</summary>
internal sealed class FakeEngine : ITrainingEngine
{
    private int _trained;

    /// <summary>What is done between the start and the end of training.</summary>
    public Func<TrainingJob, Action<TrainingProgress>, CancellationToken, Task> During { get; set; } = static (_, _, _) => Task.CompletedTask;

    /// <summary>Accuracy of a model of a slant on held-out samples.</summary>
    public Func<float, double> Accuracy { get; set; } = static slant => slant / 100;

    public List<TrainingJob> Jobs { get; } = [];

    /// <summary>Whether the same job gives the same model again, as real training does; otherwise every one gives another.</summary>
    public bool IsRepeatable { get; set; }

    public SampleSchema Describe(byte[] model) => SampleSchema.Of(TinyClassifier.Manifest);

    public async Task TrainAsync(TrainingJob job, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        lock (Jobs)
            Jobs.Add(job);
        await During(job, progress, cancellationToken);
        await File.WriteAllBytesAsync(job.OutputPath, TinyClassifier.Model(IsRepeatable ? SlantOf(job.Model) + 10 : ++_trained * 10), cancellationToken);
    }

    public Task<MeasuredModel> ScoreAsync(byte[] model, IDataset heldOut, IDataset? golden, CancellationToken cancellationToken)
    {
        double accuracy = Accuracy(SlantOf(model));
        return Task.FromResult(new MeasuredModel(
            heldOut.Count == 0 ? null : Scores(accuracy, heldOut.Count), golden is null ? null : Scores(accuracy, golden.Count)));
    }

    /// <summary>Samples that all have the same share of right answers, so that the gate is sure of any difference.</summary>
    public static SampleScores Scores(double accuracy, int count) =>
        new([.. Enumerable.Repeat(new SampleScore { Loss = 1 - accuracy, Answers = 10_000, Right = (int)Math.Round(accuracy * 10_000) }, count)]);

    public static TrainingProgress Step(int step) => new(1, step, 100, 0.5, 0.001, 1, true, 100, TimeSpan.Zero, TimeSpan.Zero, null);

    private static float SlantOf(byte[] model) => Enumerable.Range(0, 20).Select(static number => number * 10f).First(slant => IsOf(model, slant));

    // The registry stores the base model as the loader writes it, so bytes are compared by the weights in them.
    private static bool IsOf(byte[] model, float slant) =>
        model.AsSpan().IndexOf(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(new[] { slant, -slant, -slant, slant })) >= 0;
}
