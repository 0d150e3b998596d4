using System.CommandLine;
using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Tools.Reports;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary><c>service export</c>: writes the model of a version, or all samples, to a file.</summary>
internal static class ServiceExportCommand
{
    private const string Model = "model";
    private const string Samples = "samples";

    public static Command Create(ToolConsole console, ServiceTargetOptions options)
    {
        var path = new Argument<string>("FILE") { Description = "The file to write; must not be there yet." };
        var what = CommonOptions.Choice("--what", $"{Model} (default) or {Samples}.", Model, Samples);
        var version = CommonOptions.Text("--version", "VERSION", "The version whose model is written. Default: the current one.");
        var command = new Command("export", "Write the model of a version, or all samples, to a file.") { path, what, version };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string kind = parsed.GetValue(what) ?? Model, file = Path.GetFullPath(parsed.GetRequiredValue(path));
            if (kind == Samples && parsed.IsGiven(version))
                throw ToolException.Usage("--version goes with a model, not with samples.");
            if (File.Exists(file))
                throw new ToolException(ExitCodes.File, $"'{file}' is there already.");
            using var target = options.Open(parsed);
            string unfinished = $"{file}.{Guid.NewGuid():N}.part";
            long bytes;
            try
            {
                await using (var stream = new FileStream(unfinished, OptionsOf(kind)))
                {
                    if (kind == Samples)
                        await target.ExportSamplesAsync(stream, cancellationToken);
                    else
                        await target.ExportModelAsync(parsed.GetValue(version), stream, cancellationToken);
                    stream.Flush(flushToDisk: true);
                    bytes = stream.Length;
                }

                File.Move(unfinished, file);
            }
            catch
            {
                File.Delete(unfinished);
                throw;
            }

            var report = new ServiceExportReport(file, kind, bytes);
            console.Result(report, ReportJson.Readable.ServiceExportReport, human => human.Facts((kind, file), ("size", Units.Bytes(bytes))));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static FileStreamOptions OptionsOf(string kind)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        // Samples are of persons, and here they are not encrypted.
        if (kind == Samples && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
