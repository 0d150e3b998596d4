using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>Trains and measures with sessions that live only as long as they are needed.</summary>
internal sealed class TrainingEngine(
    CurrentOptions current, TimeProvider time, TrainingPace? pace = null, MemoryBudget? memory = null) : ITrainingEngine
{
    public SampleSchema Describe(byte[] model) => Schema(Generate(model, current.Value), current.Value);

    public void Admit(byte[] model)
    {
        var options = current.Value;
        if (memory is null)
            return;
        var artifacts = Generate(model, options);
        memory.Check(artifacts, options.BatchSize, Schema(artifacts, options), Session(options, null), options.Budget);
    }

    public async Task TrainAsync(TrainingJob job, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        var threads = pace?.Begin();
        // All of it on one thread, which waits where it has to, so that all its processor time is known.
        await On(
            threads,
            () =>
            {
                TrainAsync(job, progress, threads, cancellationToken).GetAwaiter().GetResult();
                return true;
            }).ConfigureAwait(false);
    }

    private async Task TrainAsync(TrainingJob job, Action<TrainingProgress> progress, TrainingThreads? threads, CancellationToken cancellationToken)
    {
        pace?.Wait(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var options = current.Value;
        using var session = Open(job.Model, options, threads);
        var training = AsTrained(job.Data, session, options);
        var validation = job.Validation is { Count: > 0 } data ? Paced(AsTrained(data, session, options), cancellationToken) : null;
        var plan = new TrainingPlan
        {
            Epochs = options.Epochs,
            BatchSize = options.BatchSize,
            Seed = job.Seed,
            Schedule = options.Schedule,
            WarmupSteps = options.WarmupSteps,
            CheckpointPath = job.CheckpointPath,
            CheckpointEverySteps = options.CheckpointEverySteps,
            Resume = true,
            EarlyStopping = validation is null ? null : options.EarlyStopping.ToPlan(),
            MaximumUpdateNorm = options.Robustness.MaximumUpdateNorm,
        };
        // A run of few samples may have fewer steps than the warm-up that suits others.
        plan = plan with { WarmupSteps = Math.Min(plan.WarmupSteps, plan.StepsFor(job.Data.Count)) };
        var trainer = new Trainer(session, time);
        await foreach (var step in trainer.RunAsync(training, validation, plan, cancellationToken).ConfigureAwait(false))
        {
            progress(step);
            // The next step begins when it is asked for, so that waiting here changes nothing but the time. A stop is seen by the trainer.
            pace?.Wait(cancellationToken);
        }

        session.ExportModelForInferencing(job.OutputPath);
    }

    public async Task<MeasuredModel> ScoreAsync(byte[] model, IDataset heldOut, IDataset? golden, CancellationToken cancellationToken)
    {
        var threads = pace?.Begin();
        return await On(
            threads,
            () =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                var options = current.Value;
                using var session = Open(model, options, threads);
                return new MeasuredModel(Score(session, heldOut, options, cancellationToken), Score(session, golden, options, cancellationToken));
            }).ConfigureAwait(false);
    }

    private static Task<T> On<T>(TrainingThreads? threads, Func<T> work) => threads?.RunAsync(work) ?? Task.Run(work);

    private IDataset Paced(IDataset data, CancellationToken cancellationToken) =>
        pace is null ? data : new PacedDataset(data, pace, cancellationToken);

    private SampleScores? Score(FineTuningSession session, IDataset? data, FineTuningServiceOptions options, CancellationToken cancellationToken) =>
        data is null or { Count: 0 } ? null : SampleScorer.Score(session, Paced(AsTrained(data, session, options), cancellationToken), cancellationToken);

    /// <summary>Data as the loss takes it: samples do not tell how long they are, since their extents do.</summary>
    private static IDataset AsTrained(IDataset data, FineTuningSession session, FineTuningServiceOptions options) => session.Manifest.HasInputLengths
        ? new TimedTargets(data, session.Manifest.Target.Name, TimedTargets.TimeOf(session.Manifest, options.Ctc.TimeFirst))
        : data;

    private static FineTuningSession Open(byte[] model, FineTuningServiceOptions options, TrainingThreads? threads) =>
        new(Generate(model, options), Session(options, threads));

    private static FineTuningOptions Session(FineTuningServiceOptions options, TrainingThreads? threads) => new()
    {
        Threads = options.Threads,
        Optimizer = options.Optimizer,
        LearningRate = options.LearningRate,
        WeightDecay = options.WeightDecay,
        OptimizerSettings = new OptimizerSettings
        {
            Clipping = options.Robustness.MaximumGradientNorm is { } norm ? GradientClipping.GlobalNorm(norm) : GradientClipping.None,
        },
        Padding = options.Padding.AsReadOnly(),
        RunOn = threads,
    };

    private static SampleSchema Schema(TrainingArtifacts artifacts, FineTuningServiceOptions options)
    {
        var manifest = artifacts.Manifest;
        _ = BatchPadding.Of(manifest, options.Padding.AsReadOnly());
        if (manifest.HasInputLengths)
            _ = TimedTargets.TimeOf(manifest, options.Ctc.TimeFirst);
        return SampleSchema.Of(manifest with { HasInputLengths = false }, options.MaximumExtents.AsReadOnly());
    }

    private static TrainingArtifacts Generate(byte[] model, FineTuningServiceOptions options) =>
        ArtifactGenerator.Generate(
            OnnxModel.Load(model, source: options.ModelPath),
            new ArtifactOptions
            {
                Loss = options.CreateLoss(),
                Output = options.Output,
                Trainable = options.Trainable.Count == 0 ? TrainableSelection.All : TrainableSelection.Matching([.. options.Trainable]),
            });
}
