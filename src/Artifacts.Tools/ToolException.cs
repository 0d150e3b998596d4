namespace OrtAdaMomentum.Tools;

/// <summary>An error that the tool itself finds, with the exit code that stands for it.</summary>
internal sealed class ToolException : Exception
{
    public ToolException(int exitCode, string message, Exception? innerException = null)
        : base(message, innerException) => ExitCode = exitCode;

    public int ExitCode { get; }

    /// <summary>The command line asks for something that makes no sense.</summary>
    public static ToolException Usage(string message) => new(ExitCodes.Usage, message);

    /// <summary>Runs something whose errors all mean the same to the user.</summary>
    public static T Attribute<T>(int exitCode, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (FineTuningException error) when (error.GetType() == typeof(FineTuningException))
        {
            throw new ToolException(exitCode, error.Message, error);
        }
    }

    public static void Attribute(int exitCode, Action action) => Attribute(
        exitCode,
        () =>
        {
            action();
            return true;
        });
}
