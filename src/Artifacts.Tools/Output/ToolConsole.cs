using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrtAdaMomentum.Tools.Reports;
using Spectre.Console;

namespace OrtAdaMomentum.Tools.Output;

/// <summary>Where a verb writes. Results go to standard output; progress, notes and errors to standard error.</summary>
internal sealed class ToolConsole(TextWriter output, TextWriter error, bool json, bool verbose)
{
    /// <summary>Standard error, with colours and live display where it is a terminal.</summary>
    public IAnsiConsole Status { get; } = Create(error);

    /// <summary>Writes the result of a verb: one JSON object, or what <paramref name="describe"/> writes for people.</summary>
    public void Result<T>(T report, JsonTypeInfo<T> type, Action<HumanReport> describe)
    {
        if (json)
            output.WriteLine(JsonSerializer.Serialize(report, type));
        else
            describe(new HumanReport(Create(output), output));
        output.Flush();
    }

    /// <summary>A line on standard error.</summary>
    public void Note(string text)
    {
        error.WriteLine(text);
        error.Flush();
    }

    /// <summary>Reports an error; the exit code that stands for it.</summary>
    public int Fail(Exception problem)
    {
        int exitCode = ErrorKinds.ExitCode(problem);
        string message = problem switch
        {
            OperationCanceledException => "Stopped.",
            _ when exitCode == ExitCodes.Internal && !verbose =>
                $"{problem.Message} (a defect of the tool: {problem.GetType().Name}; --verbose shows where)",
            _ => problem.Message,
        };
        error.WriteLine($"error: {message}");
        if (verbose)
            error.WriteLine(problem);
        error.Flush();
        if (json)
        {
            var report = new ErrorReport(new ErrorDetail(ErrorKinds.Name(exitCode), message));
            output.WriteLine(JsonSerializer.Serialize(report, ReportJson.Readable.ErrorReport));
            output.Flush();
        }

        return exitCode;
    }

    private static IAnsiConsole Create(TextWriter writer) => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
}
