namespace OrtAdaMomentum.AspNetCore;

/// <summary>What the HTTP interface logs. Event ids: 140 to 159. Keys are never logged.</summary>
internal static partial class WebLog
{
    [LoggerMessage(140, LogLevel.Warning, "Refused {Method} {Path} from {Address}: {Reason}")]
    public static partial void RequestRefused(ILogger logger, string method, string path, string address, string reason);

    [LoggerMessage(141, LogLevel.Error, "The changed options of the HTTP interface are refused and those before stay in force: {Problems}")]
    public static partial void OptionsRefused(ILogger logger, string problems);

    [LoggerMessage(142, LogLevel.Error, "{Method} {Path} failed.")]
    public static partial void RequestFailed(ILogger logger, Exception error, string method, string path);

    [LoggerMessage(143, LogLevel.Information, "The run of model {Model} that was asked for has ended: {Outcome}")]
    public static partial void RequestedRunEnded(ILogger logger, string model, string outcome);

    [LoggerMessage(145, LogLevel.Warning, "{Count} more requests were refused, so many that they were not logged one by one.")]
    public static partial void RefusalsNotLogged(ILogger logger, long count);

    [LoggerMessage(144, LogLevel.Information, "{Action} of model {Model} was asked for from {Address}.")]
    public static partial void ActionAsked(ILogger logger, string action, string model, string address);
}
