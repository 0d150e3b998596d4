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
        var layout = CommonOptions.Choice("--layout", "The runtime that the graphs are wrapped for; default stock.", ArtifactManifest.StockLayout, ArtifactManifest.OfficialLayout);
        var directory = CommonOptions.Text("--out", "DIR", "Folder for the artifacts: new, empty, or of artifacts, which are replaced.", required: true);
        var command = new Command("generate", "Make training artifacts from a model.") { model, directory, layout };
        options.AddTo(command);
        var official = new OfficialOptions();
        official.AddTo(command);
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(directory);
            var artifactOptions = options.ToOptions(parsed);
            if (parsed.GetValue(layout) == ArtifactManifest.OfficialLayout)
                artifactOptions = artifactOptions with { Layout = ArtifactLayout.Official, Official = official.ToOptions(parsed) };
            else
                official.RefuseFor(parsed, ArtifactManifest.StockLayout);
            CheckFolder(folder);
            var artifacts = ArtifactGenerator.Generate(options.LoadModel(parsed, parsed.GetRequiredValue(model)), artifactOptions);
            artifacts.Save(folder);
            var report = ArtifactsReport.Of(folder, TrainingArtifacts.Load(folder, artifactOptions.Official.Prefix).Manifest, artifactOptions.Official.Prefix);
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
            && !Directory.EnumerateFiles(folder, "*" + TrainingArtifacts.ManifestFile).Any())
        {
            throw ToolException.Usage($"--out: the folder '{folder}' holds other files than training artifacts. Choose a new or empty one.");
        }
    }
}
