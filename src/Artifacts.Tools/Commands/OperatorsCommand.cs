using System.CommandLine;
using OrtAdaMomentum.Gradients;
using OrtAdaMomentum.Gradients.Coverage;
using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Tools.Reports;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary><c>operators</c>: lists which operators gradients pass.</summary>
internal static class OperatorsCommand
{
    public static Command Create(ToolConsole console)
    {
        var command = new Command("operators", "List which operators gradients pass, as a Markdown table.");
        command.SetAction(_ =>
        {
            var report = OperatorsReport.Of(GradientCoverage.Of(GradientRegistry.Default));
            console.Result(report, ReportJson.Readable.OperatorsReport, human =>
            {
                foreach (string line in OperatorsDescription.Lines(report))
                    human.Line(line);
            });
            return ExitCodes.Ok;
        });
        return command;
    }
}
