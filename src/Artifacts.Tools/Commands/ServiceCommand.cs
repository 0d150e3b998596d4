using System.CommandLine;
using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Tools.Reports;
using OrtAdaMomentum.Tools.Service;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary><c>service VERB</c>: looks after a fine-tuning service that runs, or after the folder of one that does not.</summary>
internal static class ServiceCommand
{
    public static Command Create(ToolConsole console)
    {
        var target = new ServiceTargetOptions();
        var command = new Command("service", "Look after a fine-tuning service, or the folder of one that does not run.");
        command.Subcommands.Add(Status(console, target));
        command.Subcommands.Add(Versions(console, target));
        command.Subcommands.Add(Promote(console, target));
        command.Subcommands.Add(RollBack(console, target));
        command.Subcommands.Add(Pause(console, target));
        command.Subcommands.Add(Resume(console, target));
        command.Subcommands.Add(ForgetSubject(console, target));
        command.Subcommands.Add(ServiceExportCommand.Create(console, target));
        command.Subcommands.Add(ServiceSamplesCommands.Import(console, target));
        command.Subcommands.Add(ServiceSamplesCommands.Salvage(console));
        target.AddTo(command);
        return command;
    }

    private static Command Status(ToolConsole console, ServiceTargetOptions options) =>
        Verb("status", "Tell what it is doing and what is wrong.", options, async (target, _, cancellationToken) =>
        {
            var status = await target.StatusAsync(cancellationToken);
            console.Result(status, ReportJson.Readable.ServiceStatusReport, human => ServiceDescription.Write(human, status));
        });

    private static Command Versions(ToolConsole console, ServiceTargetOptions options) =>
        Verb("versions", "List the versions with the reasons of the gate.", options, async (target, _, cancellationToken) =>
        {
            var versions = await target.VersionsAsync(cancellationToken);
            console.Result(versions, ReportJson.Readable.ServiceVersionsReport, human => ServiceDescription.Write(human, versions));
        });

    private static Command Promote(ToolConsole console, ServiceTargetOptions options)
    {
        var version = new Argument<string>("VERSION") { Description = "Its id, the beginning of it, its label, or its number (v3)." };
        var command = Verb("promote", "Serve a version from now on, also one that the gate refused.", options, async (target, parsed, cancellationToken) =>
            Served(console, await target.PromoteAsync(parsed.GetRequiredValue(version), cancellationToken)));
        command.Arguments.Add(version);
        return command;
    }

    private static Command RollBack(ToolConsole console, ServiceTargetOptions options) =>
        Verb("rollback", "Serve the parent of the current version from now on.", options, async (target, _, cancellationToken) =>
            Served(console, await target.RollBackAsync(cancellationToken)));

    private static Command Pause(ToolConsole console, ServiceTargetOptions options)
    {
        var reason = CommonOptions.Text("--reason", "TEXT", "Why; shown until training goes on. Default: paused by hand.");
        var command = Verb("pause", "Let no training go on until resume, also over restarts.", options, async (target, parsed, cancellationToken) =>
        {
            string why = parsed.GetValue(reason) ?? "paused by hand";
            await target.PauseAsync(why, cancellationToken);
            console.Result(new ServicePauseReport(true, why), ReportJson.Readable.ServicePauseReport, human => human.Line($"Training pauses: {why}"));
        });
        command.Options.Add(reason);
        return command;
    }

    private static Command Resume(ToolConsole console, ServiceTargetOptions options) =>
        Verb("resume", "End a pause.", options, async (target, _, cancellationToken) =>
        {
            await target.ResumeAsync(cancellationToken);
            console.Result(new ServicePauseReport(false, null), ReportJson.Readable.ServicePauseReport, static human => human.Line("Training may go on."));
        });

    private static Command ForgetSubject(ToolConsole console, ServiceTargetOptions options)
    {
        var subject = new Argument<string>("SUBJECT") { Description = "The person or thing, as its samples name it." };
        var command = Verb("forget-subject", "Remove all samples of a subject, to the last byte.", options, async (target, parsed, cancellationToken) =>
        {
            string name = parsed.GetRequiredValue(subject);
            var report = new ServiceForgetReport(name, await target.ForgetSubjectAsync(name, cancellationToken));
            console.Result(report, ReportJson.Readable.ServiceForgetReport, human => human.Line($"{report.Samples} samples of '{name}' are gone."));
        });
        command.Arguments.Add(subject);
        return command;
    }

    private static void Served(ToolConsole console, ServiceVersion version) =>
        console.Result(version, ReportJson.Readable.ServiceVersion, human => human.Line($"Version {version.Label} is served from now on."));

    private static Command Verb(
        string name, string description, ServiceTargetOptions options, Func<IServiceTarget, ParseResult, CancellationToken, Task> action)
    {
        var command = new Command(name, description);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var target = options.Open(parsed);
            await action(target, parsed, cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }
}
