using System.CommandLine;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Tools.Reports;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary><c>inspect MODEL|DIR</c>: tells what would train, or what artifacts hold.</summary>
internal static class InspectCommand
{
    private const int DefaultBatch = 32;

    public static Command Create(ToolConsole console)
    {
        var path = new Argument<string>("MODEL|DIR") { Description = "An ONNX model, or a folder of training artifacts." };
        var options = new ModelOptions();
        var batch = CommonOptions.WholeNumber("--batch", $"Samples of a batch, for the estimate of memory; default {DefaultBatch}.", 1);
        var command = new Command("inspect", "Tell what of a model would train, or what artifacts hold.") { path, batch };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            string target = parsed.GetRequiredValue(path);
            if (Directory.Exists(target))
            {
                if (options.Given(parsed).FirstOrDefault() is { } given)
                    throw ToolException.Usage($"{given} applies to a model, but '{target}' is a folder of artifacts.");
                return InspectArtifacts(console, target, parsed.GetValue(batch));
            }

            var artifactOptions = options.ToOptions(parsed);
            var report = ArtifactGenerator.Inspect(options.LoadModel(parsed, target), artifactOptions);
            return Report(console, report, parsed.GetValue(batch) ?? DefaultBatch);
        });
        return command;
    }

    private static int InspectArtifacts(ToolConsole console, string directory, int? batch)
    {
        var artifacts = ArtifactsFolder.LoadToRun(directory);
        int samples = FixedBatch.Resolve(artifacts.Manifest, batch, DefaultBatch);
        var report = ArtifactsReport.Of(directory, artifacts.Manifest) with
        {
            Batch = samples,
            EstimatedTrainingBytes = FineTuningSession.EstimateMemory(artifacts, samples).TotalBytes,
        };
        if (ArtifactsFolder.LayoutOf(directory) != report.Layout)
        {
            report = report with
            {
                Layout = ArtifactsFolder.LayoutOf(directory),
                Files = [.. Directory.GetFiles(directory).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)],
            };
        }

        console.Result(report, ReportJson.Readable.ArtifactsReport, human => ArtifactsDescription.Write(human, report));
        return ExitCodes.Ok;
    }

    private static int Report(ToolConsole console, ModelReport model, int batch)
    {
        var report = new ModelInspectReport
        {
            Model = model.Source,
            Opset = model.Opset,
            CanTrain = model.CanTrain,
            Problem = model.Problem,
            Inputs = TensorReport.Of(model.Inputs),
            Outputs = TensorReport.Of(model.Outputs),
            FinalActivation = model.FinalActivation.ToString(),
            Parameters = ParameterReport.Of(model.Parameters),
            TrainableCount = model.TrainableElements,
            FrozenCount = model.FrozenElements,
            Operators = [.. model.Operators.Select(static used => new OperatorJson(used.Name, used.Count, Name(used.Support)))],
            Unsupported =
            [
                .. model.Unsupported.Select(static node => new UnsupportedJson(node.Node, node.OperatorType, node.Domain, node.Opset, node.Reason)),
            ],
            Batch = batch,
            EstimatedTrainingBytes = model.EstimateTrainingBytes(batch),
            Notes = model.Notes,
        };
        console.Result(report, ReportJson.Readable.ModelInspectReport, human => ModelDescription.Write(human, report));
        return report.CanTrain ? ExitCodes.Ok : ExitCodes.Model;
    }

    private static string Name(GradientSupport support) => support switch
    {
        GradientSupport.Rule => "rule",
        GradientSupport.NonDifferentiable => "nonDifferentiable",
        GradientSupport.Integers => "integers",
        _ => "missing",
    };
}
