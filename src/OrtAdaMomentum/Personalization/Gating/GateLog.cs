using Microsoft.Extensions.Logging;

namespace OrtAdaMomentum.Personalization;

/// <summary>What labels, gate and watch log. Event ids: 120 to 139.</summary>
internal static partial class GateLog
{
    [LoggerMessage(120, LogLevel.Information, "Run {Run}: {Share:P1} of the new labels are suspect to the current version; the run learns from {Kept} of {Count} new samples.")]
    public static partial void LabelsChecked(ILogger logger, string run, double? share, int kept, int count);
}
