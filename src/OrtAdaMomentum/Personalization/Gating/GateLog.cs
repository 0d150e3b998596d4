using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>What labels, gate and watch log. Event ids: 120 to 139.</summary>
internal static partial class GateLog
{
    [LoggerMessage(120, LogLevel.Information, "Run {Run}: {Share:P1} of the labels are suspect to the current version; the run learns from {Kept} of {Count} samples.")]
    public static partial void LabelsChecked(ILogger logger, string run, double share, int kept, int count);

    [LoggerMessage(128, LogLevel.Information, "Run {Run} learns from the {Kept} of {Count} samples that have the least loss.")]
    public static partial void LabelsTrimmed(ILogger logger, string run, int kept, int count);

    [LoggerMessage(121, LogLevel.Information, "Version {Version} is watched for {Period}.")]
    public static partial void WatchBegun(ILogger logger, string version, TimeSpan period);

    [LoggerMessage(122, LogLevel.Information, "Version {Version} has passed its watch, with {Reports} reports, {Labels} labels that came later and {Samples} samples.")]
    public static partial void WatchPassed(ILogger logger, string version, long reports, long labels, long samples);

    [LoggerMessage(123, LogLevel.Warning, "{Reason}.")]
    public static partial void WatchRolledBack(ILogger logger, string reason);

    [LoggerMessage(124, LogLevel.Error, "Version {Version} does worse than its parent, but could not be rolled back.")]
    public static partial void WatchCouldNotRollBack(ILogger logger, Exception error, string version);

    [LoggerMessage(125, LogLevel.Warning, "Labelled samples cannot be asked of the served version and its parent.")]
    public static partial void SampleNotScored(ILogger logger, Exception error);

    [LoggerMessage(126, LogLevel.Warning, "The reports could not be written to '{Path}'; they are in memory only.")]
    public static partial void WatchNotSaved(ILogger logger, Exception error, string path);

    [LoggerMessage(127, LogLevel.Warning, "The reports in '{Path}' cannot be read; counting starts anew.")]
    public static partial void WatchNotRead(ILogger logger, Exception error, string path);
}
