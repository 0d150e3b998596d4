using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>What the scheduling of training logs. Event ids: 100 to 119.</summary>
internal static partial class SchedulingLog
{
    [LoggerMessage(100, LogLevel.Information, "Training pauses: {Reasons}.")]
    public static partial void Paused(ILogger logger, string reasons);

    [LoggerMessage(101, LogLevel.Information, "Training goes on after a pause of {Duration}.")]
    public static partial void Resumed(ILogger logger, TimeSpan duration);

    [LoggerMessage(102, LogLevel.Information, "The run has paused for {Duration}: it leaves a checkpoint, frees its memory and goes on later.")]
    public static partial void Released(ILogger logger, TimeSpan duration);

    [LoggerMessage(103, LogLevel.Warning, "The condition {Condition} cannot be told: {Reason}.")]
    public static partial void ConditionUnknown(ILogger logger, Exception error, string condition, string reason);

    [LoggerMessage(104, LogLevel.Information, "Training is paused by hand: {Reason}.")]
    public static partial void PausedByHand(ILogger logger, string reason);

    [LoggerMessage(105, LogLevel.Information, "Training is no longer paused by hand.")]
    public static partial void ResumedByHand(ILogger logger);

    [LoggerMessage(106, LogLevel.Error, "'{Path}', which says why training was paused by hand, is damaged: training stays paused until it is resumed.")]
    public static partial void PauseUnreadable(ILogger logger, Exception error, string path);
}
