using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Losses;
using OrtAdaMomentum.Onnx;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Personalization;

/// <summary>Trains and measures with sessions that live only as long as they are needed.</summary>
internal sealed class TrainingEngine(CurrentOptions current, TimeProvider time, TrainingHold? hold = null) : ITrainingEngine
{
    public SampleSchema Describe(byte[] model) => SampleSchema.Of(Generate(model, current.Value).Manifest);

    public async Task TrainAsync(TrainingJob job, Action<TrainingProgress> progress, CancellationToken cancellationToken)
    {
        await WaitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var options = current.Value;
        using var session = await Task.Run(() => Open(job.Model, options), cancellationToken).ConfigureAwait(false);
        var validation = job.Validation is { Count: > 0 } data ? Held(data, cancellationToken) : null;
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
        await foreach (var step in trainer.RunAsync(job.Data, validation, plan, cancellationToken).ConfigureAwait(false))
        {
            progress(step);
            // The next step begins when it is asked for, so that waiting here changes nothing but the time. A stop is seen by the trainer.
            await WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        session.ExportModelForInferencing(job.OutputPath);
    }

    public Task<MeasuredModel> ScoreAsync(byte[] model, IDataset heldOut, IDataset? golden, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                using var session = Open(model, current.Value);
                return new MeasuredModel(Score(session, heldOut, cancellationToken), Score(session, golden, cancellationToken));
            },
            cancellationToken);

    private ValueTask WaitAsync(CancellationToken cancellationToken) => hold?.WaitAsync(cancellationToken) ?? ValueTask.CompletedTask;

    private IDataset Held(IDataset data, CancellationToken cancellationToken) =>
        hold is null ? data : new HeldDataset(data, hold, cancellationToken);

    private SampleScores? Score(FineTuningSession session, IDataset? data, CancellationToken cancellationToken) =>
        data is null or { Count: 0 } ? null : SampleScorer.Score(session, Held(data, cancellationToken), cancellationToken);

    private static FineTuningSession Open(byte[] model, FineTuningServiceOptions options) =>
        new(
            Generate(model, options),
            new FineTuningOptions
            {
                Threads = options.Threads,
                Optimizer = options.Optimizer,
                LearningRate = options.LearningRate,
                WeightDecay = options.WeightDecay,
                OptimizerSettings = new OptimizerSettings
                {
                    Clipping = options.Robustness.MaximumGradientNorm is { } norm ? GradientClipping.GlobalNorm(norm) : GradientClipping.None,
                },
            });

    private static TrainingArtifacts Generate(byte[] model, FineTuningServiceOptions options) =>
        ArtifactGenerator.Generate(
            OnnxModel.Load(model, source: options.ModelPath),
            new ArtifactOptions
            {
                Loss = LossRegistry.Create(options.Loss),
                Trainable = options.Trainable.Count == 0 ? TrainableSelection.All : TrainableSelection.Matching([.. options.Trainable]),
            });
}
