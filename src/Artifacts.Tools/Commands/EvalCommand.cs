using System.CommandLine;
using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Tools.Reports;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary><c>eval DIR --data F</c>: loss and accuracy on data.</summary>
internal static class EvalCommand
{
    private const int DefaultBatch = 256;

    public static Command Create(ToolConsole console)
    {
        var directory = new Argument<string>("DIR") { Description = "Folder of training artifacts." };
        var checkpoint = CommonOptions.Text("--checkpoint", "CK", "Parameters to evaluate. Default: those of the original model.");
        var batch = CommonOptions.WholeNumber("--batch", $"Samples of one pass; default {DefaultBatch}.", 1);
        var data = new DataOptions();
        var session = new SessionOptions();
        var command = new Command("eval", "Evaluate on data.") { directory, checkpoint, batch };
        data.AddTo(command);
        session.AddTo(command, computesGradients: false);
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(directory);
            var options = session.Apply(parsed, new FineTuningOptions());
            var artifacts = ArtifactsFolder.LoadToRun(folder, options.Backend);
            var samples = data.Open(parsed, artifacts.Manifest);
            int size = FixedBatch.Resolve(artifacts.Manifest, parsed.GetValue(batch), DefaultBatch, samples);
            using var opened = SessionOptions.Open(artifacts, options, parsed.GetValue(checkpoint));
            var evaluation = ToolException.Attribute(ExitCodes.Data, () => new Trainer(opened).Evaluate(samples, size));
            var report = new EvalReport(
                folder, parsed.GetValue(checkpoint), data.Path(parsed), Units.Finite(evaluation.Loss), evaluation.Accuracy, evaluation.Count);
            console.Result(report, ReportJson.Readable.EvalReport, human => Describe(human, evaluation));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Describe(HumanReport human, Evaluation evaluation) => human.Facts(
        ("samples", Units.Count(evaluation.Count)),
        ("loss", Units.Number(evaluation.Loss)),
        ("accuracy", evaluation.Accuracy is { } accuracy ? Units.Percent(accuracy) : null));
}
