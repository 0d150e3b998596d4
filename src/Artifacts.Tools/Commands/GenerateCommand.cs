using System.CommandLine;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Tools.Reports;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary><c>generate MODEL --out DIR</c>: makes training artifacts.</summary>
internal static class GenerateCommand
{
    public static Command Create(ToolConsole console)
    {
        var model = new Argument<string>("MODEL") { Description = "The ONNX model." };
        var options = new ModelOptions();
        var layout = CommonOptions.Choice("--layout", "How the graphs are wrapped; default stock.", "stock");
        var directory = CommonOptions.Text("--out", "DIR", "Folder for the artifacts: new, empty, or of artifacts, which are replaced.", required: true);
        var command = new Command("generate", "Make training artifacts from a model.") { model, directory, layout };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(directory);
            var artifactOptions = options.ToOptions(parsed);
            CheckFolder(folder);
            var artifacts = ArtifactGenerator.Generate(options.LoadModel(parsed, parsed.GetRequiredValue(model)), artifactOptions);
            artifacts.Save(folder);
            var report = ArtifactsReport.Of(folder, TrainingArtifacts.Load(folder).Manifest);
            console.Result(report, ReportJson.Readable.ArtifactsReport, human => ArtifactsDescription.Write(human, report));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void CheckFolder(string folder)
    {
        if (File.Exists(folder))
            throw ToolException.Usage($"--out: '{folder}' is a file.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()
            && !File.Exists(Path.Combine(folder, TrainingArtifacts.ManifestFile)))
        {
            throw ToolException.Usage($"--out: the folder '{folder}' holds other files than training artifacts. Choose a new or empty one.");
        }
    }
}
