using System.CommandLine;
using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Tools.Reports;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary><c>export DIR --checkpoint CK --out FILE</c>: the original model with trained weights.</summary>
internal static class ExportCommand
{
    public static Command Create(ToolConsole console)
    {
        var directory = new Argument<string>("DIR") { Description = "Folder of training artifacts." };
        var checkpoint = CommonOptions.Text("--checkpoint", "CK", "The trained parameters.", required: true);
        var file = CommonOptions.Text("--out", "FILE", "The model to write.", required: true);
        var command = new Command("export", "Write the original model with trained weights.") { directory, checkpoint, file };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(directory);
            string path = parsed.GetRequiredValue(file), source = parsed.GetRequiredValue(checkpoint);
            OutputPath.CheckFile(file.Name, path, folder);
            if (Path.GetFullPath(path) == Path.GetFullPath(source))
                throw ToolException.Usage($"{file.Name}: '{path}' is the checkpoint itself. Choose another name.");
            using (var session = SessionOptions.Open(ArtifactsFolder.LoadToRun(folder), new FineTuningOptions(), source))
                session.ExportModelForInferencing(path);
            var report = new ExportReport(folder, source, path, new FileInfo(path).Length);
            console.Result(report, ReportJson.Readable.ExportReport, human => human.Facts(("model", path), ("size", Units.Bytes(report.Bytes))));
            return ExitCodes.Ok;
        });
        return command;
    }
}
