using System.CommandLine;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Tools.Reports;
using OrtAdaMomentum.Training;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary><c>train DIR --data F --checkpoint CK</c>: trains and leaves a checkpoint.</summary>
internal sealed class TrainCommand
{
    private readonly ToolConsole _console;
    private readonly Argument<string> _directory = new("DIR") { Description = "Folder of training artifacts." };

    private readonly Option<string> _checkpoint = CommonOptions.Text(
        "--checkpoint", "CK", "Where the result of training goes.", required: true);

    private readonly Option<string> _validation = CommonOptions.Text("--validation", "FILE", "Samples to evaluate on after every epoch.");
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from the checkpoint." };
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Start anew although there is a checkpoint." };
    private readonly DataOptions _data = new();
    private readonly TrainOptions _training = new();
    private readonly SessionOptions _session = new();
    private readonly OfficialOutput _official = new();

    private TrainCommand(ToolConsole console) => _console = console;

    public static Command Create(ToolConsole console)
    {
        var train = new TrainCommand(console);
        var command = new Command("train", "Train, and leave a checkpoint.") { train._directory, train._checkpoint, train._validation };
        train._data.AddTo(command);
        train._training.AddTo(command);
        command.Options.Add(train._resume);
        command.Options.Add(train._overwrite);
        train._session.AddTo(command, computesGradients: true);
        train._official.AddTo(command);
        command.SetAction(train.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string folder = parsed.GetRequiredValue(_directory), checkpoint = parsed.GetRequiredValue(_checkpoint);
        CheckPlace(parsed, folder, checkpoint);
        var trainable = TrainableFolder.Open(folder, _session.Backend(parsed));
        _official.Check(parsed, folder, trainable);
        var options = _session.Apply(parsed, _training.ToSession(parsed, trainable.Official?.Optimizer));
        var artifacts = trainable.Artifacts;
        var samples = _data.Open(parsed, artifacts.Manifest);
        var validation = parsed.GetValue(_validation) is { } path ? _data.Open(parsed, path, artifacts.Manifest) : null;
        int batch = FixedBatch.Resolve(artifacts.Manifest, _training.BatchSize(parsed), TrainOptions.UsualBatchSize, samples, validation);
        var plan = _training.ToPlan(parsed, batch) with { CheckpointPath = checkpoint };
        TrainOptions.CheckSchedule(plan, samples.Count);

        using var session = SessionOptions.Open(trainable, options);
        TrainingCursor? cursor = null;
        if (parsed.GetValue(_resume))
        {
            cursor = ToolException.Attribute(ExitCodes.Artifacts, () => session.LoadCheckpoint(checkpoint));
            plan = _training.Continue(parsed, plan, cursor, session.GetLearningRate(), samples.Count);
        }
        else if (trainable.Official is { } official)
        {
            _console.Note(OptimizerDescription.Describe(official, session, options, _training.ChoosesOptimizer(parsed)));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(checkpoint))!);
        var log = await TrainAsync(session, samples, validation, plan, cancellationToken);
        if (_official.Write(parsed, trainable, session) == false)
            _console.Note($"warning: '{_official.Directory(parsed)}' has no state of the optimizer, because its optimizer model does not step with {session.Optimizer.Name}.");
        var report = CreateReport(parsed, session, samples, cursor, log);
        _console.Result(report, ReportJson.Readable.TrainReport, human => Describe(human, report));
        return ExitCodes.Ok;
    }

    private void CheckPlace(ParseResult parsed, string folder, string checkpoint)
    {
        OutputPath.CheckFile(_checkpoint.Name, checkpoint, folder);
        bool resume = parsed.GetValue(_resume), overwrite = parsed.GetValue(_overwrite);
        if (resume && overwrite)
            throw ToolException.Usage($"{_resume.Name} and {_overwrite.Name} exclude each other.");
        if (File.Exists(checkpoint) && !resume && !overwrite)
            throw ToolException.Usage($"There is a checkpoint '{checkpoint}'. Go on from it with {_resume.Name}, or start anew with {_overwrite.Name}.");
        if (resume && !File.Exists(checkpoint))
            throw new ToolException(ExitCodes.Artifacts, $"{_resume.Name}: there is no checkpoint '{checkpoint}'.");
    }

    private async Task<EpochLog> TrainAsync(
        FineTuningSession session, IDataset samples, IDataset? validation, TrainingPlan plan, CancellationToken cancellationToken)
    {
        var log = new EpochLog();
        try
        {
            var steps = new Trainer(session).RunAsync(samples, validation, plan, cancellationToken);
            await new TrainingDisplay(_console, plan.Epochs, log).RunAsync(steps);
        }
        catch (OperationCanceledException error) when (cancellationToken.IsCancellationRequested)
        {
            string place = log.Last is { } last ? $"after step {last.Step} of {last.TotalSteps}" : "before the first step";
            throw new ToolException(
                ExitCodes.Cancelled, $"Stopped {place}. '{plan.CheckpointPath}' holds what was reached; {_resume.Name} goes on from there.", error);
        }
        catch (FineTuningException error) when (error.GetType() == typeof(FineTuningException))
        {
            throw new ToolException(ExitCodes.Data, error.Message, error);
        }

        if (log.SkippedSteps > 0)
            _console.Note($"warning: {log.SkippedSteps} steps changed nothing, because their gradients were not finite. A smaller learning rate may help.");
        return log;
    }

    private TrainReport CreateReport(ParseResult parsed, FineTuningSession session, IDataset samples, TrainingCursor? cursor, EpochLog log) => new()
    {
        Directory = parsed.GetRequiredValue(_directory),
        Data = _data.Path(parsed),
        Samples = samples.Count,
        Checkpoint = parsed.GetRequiredValue(_checkpoint),
        OfficialOut = _official.Directory(parsed),
        Optimizer = session.Optimizer.Name,
        ResumedAtStep = cursor?.Step,
        Steps = log.Last?.Step ?? cursor?.Step ?? 0,
        SkippedSteps = log.SkippedSteps,
        Loss = log.Last is { } last ? Units.Finite(last.Loss) : null,
        Validation = EvaluationReport.Of(log.Validation),
        Epochs = log.Epochs,
        Seconds = log.Last?.Elapsed.TotalSeconds ?? 0,
        SamplesPerSecond = log.Last is { } final ? Units.Finite(final.SamplesPerSecond) : null,
    };

    private static void Describe(HumanReport human, TrainReport report) => human.Facts(
        ("checkpoint", report.Checkpoint),
        ("official artifacts", report.OfficialOut),
        ("steps", report.ResumedAtStep is { } step ? $"{Units.Count(report.Steps)}, resumed at {Units.Count(step)}" : Units.Count(report.Steps)),
        ("loss", report.Loss is { } loss ? Units.Number(loss) : "no step was left to do"),
        ("validation loss", report.Validation is { } validation ? Units.Number(validation.Loss ?? double.NaN) : null),
        ("validation accuracy", report.Validation?.Accuracy is { } accuracy ? Units.Percent(accuracy) : null));
}
