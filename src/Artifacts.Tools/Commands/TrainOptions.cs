using System.CommandLine;
using System.Globalization;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Artifacts.Official;
using OrtAdaMomentum.Optimizers;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>The options of <c>train</c> that say how to train.</summary>
internal sealed class TrainOptions
{
    private const double DefaultLearningRate = 1e-3;
    private const int DefaultBatch = 32;

    private readonly Option<int?> _epochs = CommonOptions.WholeNumber("--epochs", "How often every sample is used; default 1.", 1);
    private readonly Option<int?> _batch = CommonOptions.WholeNumber("--batch", $"Samples of a batch; default {DefaultBatch}.", 1);

    private readonly Option<double?> _learningRate = CommonOptions.Number(
        "--lr", "Learning rate; default 0.001.", static value => value >= 0, "0 or more");

    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Decides the order of the samples; default 1.",
        HelpName = "N",
        CustomParser = static result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
                return value;
            result.AddError($"--seed takes a whole number of at least 0, was '{text}'.");
            return null;
        },
    };

    private readonly Option<string> _optimizer = CommonOptions.Choice(
        "--optimizer", "Rule of the steps; default adamomentum, or what the optimizer model of official artifacts declares.", [.. OptimizerFactory.Names]);

    private readonly Option<double?> _weightDecay = CommonOptions.Number(
        "--weight-decay", "Weight decay; default 0, or as declared.", static value => value >= 0, "0 or more");

    private readonly Option<string> _schedule = CommonOptions.Choice(
        "--schedule", "How the learning rate goes over the steps; default constant.", [.. LearningRateSchedules.Names]);

    private readonly Option<int?> _warmup = CommonOptions.WholeNumber(
        "--warmup", "Steps over which the learning rate rises from 0; default 0.", 0);

    private readonly Option<double?> _clipNorm = CommonOptions.Number(
        "--clip-norm", "Largest norm of the gradient; longer ones are shortened.", static value => (float)value > 0, "above 0");

    private readonly Option<int?> _accumulate = CommonOptions.WholeNumber(
        "--accumulate", "Batches whose gradients are averaged for one step; default 1.", 1);

    private readonly Option<int?> _checkpointEvery = CommonOptions.WholeNumber(
        "--checkpoint-every", "Steps between two checkpoints. Default: one after every epoch.", 1);

    private IEnumerable<Option> All =>
        [_epochs, _batch, _learningRate, _seed, _optimizer, _weightDecay, _schedule, _warmup, _clipNorm, _accumulate, _checkpointEvery];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Options.Add(option);
    }

    public int? BatchSize(ParseResult parsed) => parsed.GetValue(_batch);

    /// <summary>Whether the optimizer was chosen on the command line.</summary>
    public bool ChoosesOptimizer(ParseResult parsed) => parsed.IsGiven(_optimizer);

    /// <summary>How a session steps: as an official optimizer model declares, unless an optimizer was chosen; single options come before both.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="declared">What the optimizer model of the artifacts does; null where there is none.</param>
    public FineTuningOptions ToSession(ParseResult parsed, OfficialOptimizerSettings? declared)
    {
        var options = new FineTuningOptions
        {
            Optimizer = parsed.GetValue(_optimizer) ?? OptimizerFactory.Names[0],
            LearningRate = parsed.GetValue(_learningRate) ?? DefaultLearningRate,
        };
        if (!ChoosesOptimizer(parsed))
            options = options.StepAs(declared);
        if (parsed.GetValue(_weightDecay) is { } decay)
            options = options with { WeightDecay = decay };
        return parsed.GetValue(_clipNorm) is { } norm
            ? options with { OptimizerSettings = new OptimizerSettings { Clipping = GradientClipping.GlobalNorm(norm) } }
            : options;
    }

    public TrainingPlan ToPlan(ParseResult parsed, int batchSize) => new()
    {
        Epochs = parsed.GetValue(_epochs) ?? 1,
        BatchSize = batchSize,
        Seed = parsed.GetValue(_seed) ?? 1,
        AccumulationSteps = parsed.GetValue(_accumulate) ?? 1,
        Schedule = parsed.GetValue(_schedule) ?? LearningRateSchedules.Names[0],
        WarmupSteps = parsed.GetValue(_warmup) ?? 0,
        CheckpointEverySteps = parsed.GetValue(_checkpointEvery) ?? 0,
    };

    public static int UsualBatchSize => DefaultBatch;

    /// <summary>Refuses a schedule that does not fit into the steps there are.</summary>
    public static void CheckSchedule(TrainingPlan plan, int samples)
    {
        try
        {
            LearningRateSchedules.Create(plan.Schedule, plan.StepsFor(samples), plan.WarmupSteps);
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            throw ToolException.Usage($"The schedule does not fit: {error.Message}");
        }
    }

    /// <summary>Takes from a checkpoint what was not asked for, and refuses what was asked for differently: the run would not be continued but changed.</summary>
    public TrainingPlan Continue(ParseResult parsed, TrainingPlan plan, TrainingCursor? cursor, double learningRate, int samples)
    {
        if (parsed.GetValue(_learningRate) is { } asked && asked != learningRate)
        {
            throw ToolException.Usage(string.Create(
                CultureInfo.InvariantCulture, $"{_learningRate.Name} {asked}: the checkpoint was written with {learningRate}. Leave the option out to resume."));
        }

        if (cursor is null)
            return plan with { Resume = true };
        if (parsed.GetValue(_seed) is { } seed && seed != cursor.Seed)
            throw ToolException.Usage($"{_seed.Name} {seed}: the checkpoint was written with {cursor.Seed}. Leave the option out to resume.");
        plan = plan with { Resume = true, Seed = cursor.Seed };
        ToolException.Attribute(ExitCodes.Usage, () => plan.CheckContinues(cursor, samples));
        return plan;
    }
}
