using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.Tools;

/// <summary>Which exit code an error has, and what JSON output calls it.</summary>
internal static class ErrorKinds
{
    public static int ExitCode(Exception error) => error switch
    {
        ToolException own => own.ExitCode,
        OperationCanceledException => ExitCodes.Cancelled,
        DatasetException => ExitCodes.Data,
        // Whatever else the library refuses is about the model and what was asked of it.
        FineTuningException => ExitCodes.Model,
        IOException or UnauthorizedAccessException => ExitCodes.File,
        _ => ExitCodes.Internal,
    };

    public static string Name(int exitCode) => exitCode switch
    {
        ExitCodes.Usage => "usage",
        ExitCodes.Model => "model",
        ExitCodes.Data => "data",
        ExitCodes.Cancelled => "cancelled",
        ExitCodes.Artifacts => "artifacts",
        ExitCodes.Device => "device",
        ExitCodes.File => "file",
        ExitCodes.Service => "service",
        _ => "internal",
    };
}
