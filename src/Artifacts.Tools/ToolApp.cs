using System.CommandLine;
using OrtAdaMomentum.Tools.Commands;
using OrtAdaMomentum.Tools.Output;

namespace OrtAdaMomentum.Tools;

/// <summary>The tool without a process around it: arguments in, text to the given writers, an exit code out.</summary>
internal static class ToolApp
{
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellationToken = default)
    {
        var console = new ToolConsole(
            output, error, json: arguments.Contains(CommonOptions.Json.Name), verbose: arguments.Contains(CommonOptions.Verbose.Name));
        try
        {
            // Names of files and tensors may begin with @, which would otherwise stand for a file of arguments.
            var parsed = CreateRoot(console).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0)
                throw ToolException.Usage(string.Join(Environment.NewLine, parsed.Errors.Select(static problem => problem.Message)));
            // Signals are the caller's, who passes them on as the token; a verb then takes the time it needs to leave a checkpoint.
            var configuration = new InvocationConfiguration
            {
                Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        // The outermost frame: whatever went wrong becomes one message and an exit code.
        catch (Exception problem)
        {
            return console.Fail(problem);
        }
    }

    private static RootCommand CreateRoot(ToolConsole console)
    {
        var root = new RootCommand("Fine-tunes ONNX models: generates training artifacts, trains, evaluates and exports.")
        {
            InspectCommand.Create(console),
            GenerateCommand.Create(console),
            TrainCommand.Create(console),
            EvalCommand.Create(console),
            GradientsCommand.Create(console),
            ExportCommand.Create(console),
            OperatorsCommand.Create(console),
            ServiceCommand.Create(console),
        };
        root.Options.Add(CommonOptions.Json);
        root.Options.Add(CommonOptions.Verbose);
        return root;
    }
}
