using System.CommandLine;
using OrtAdaMomentum.Personalization;
using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Tools.Reports;
using OrtAdaMomentum.Tools.Service;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary><c>service import</c> and <c>service salvage</c>: bring samples back from an archive, or from a damaged file.</summary>
internal static class ServiceSamplesCommands
{
    public static Command Import(ToolConsole console, ServiceTargetOptions options)
    {
        var path = new Argument<string>("FILE") { Description = "An archive that export wrote." };
        var command = new Command("import", "Add the samples of an archive to the folder of a service that does not run.") { path };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string file = parsed.GetRequiredValue(path);
            using var folder = options.OpenFolder(parsed);
            await using var archive = File.OpenRead(file);
            var report = await folder.ImportAsync(file, archive, cancellationToken);
            console.Result(report, ReportJson.Readable.ServiceImportReport, human => human.Line(
                $"{Units.Count(report.Added)} samples were added; {Units.Count(report.Known)} were there already."));
            return ExitCodes.Ok;
        });
        return command;
    }

    public static Command Salvage(ToolConsole console)
    {
        var damaged = new Argument<string>("DAMAGED") { Description = "The damaged samples.db, moved away together with its -wal file." };
        var copy = new Argument<string>("NEW") { Description = "The file to write, such as the service's samples.db; must not be there yet." };
        var command = new Command("salvage", "Copy every sample that can still be read from a damaged file.") { damaged, copy };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string from = parsed.GetRequiredValue(damaged), to = parsed.GetRequiredValue(copy);
            if (!File.Exists(from))
                throw new ToolException(ExitCodes.File, $"There is no file '{from}'.");
            SalvageResult result;
            try
            {
                result = await SqliteSampleStore.SalvageAsync(from, to, cancellationToken);
                FolderOwner.Give(to);
            }
            catch (SampleStoreException error)
            {
                throw new ToolException(ExitCodes.Data, error.Message, error);
            }

            var report = new ServiceSalvageReport(Path.GetFullPath(to), result.Copied, result.Damaged, result.Unreadable);
            console.Result(report, ReportJson.Readable.ServiceSalvageReport, human => human.Line(
                $"{Units.Count(report.Copied)} samples were copied; {Units.Count(report.Damaged)} were damaged, and {Units.Count(report.Unreadable)} places could not be read."));
            return ExitCodes.Ok;
        });
        return command;
    }
}
