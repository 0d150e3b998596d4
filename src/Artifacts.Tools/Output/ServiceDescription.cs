using System.Globalization;
using OrtAdaMomentum.Tools.Reports;

namespace OrtAdaMomentum.Tools.Output;

/// <summary>A service in words.</summary>
internal static class ServiceDescription
{
    public static void Write(HumanReport human, ServiceStatusReport status)
    {
        human.Facts(
            ("model", status.Model),
            ("state", status.State),
            ("version", status.Version is { } version ? $"{version.Label}: {version.Reason}" : null),
            ("samples", status.Samples is { } samples
                ? $"{Units.Count(samples.Training)} to train on, {Units.Count(samples.HeldOut)} held out, {Units.Count(samples.New)} of them new; {Units.Count(samples.Unlabelled)} without a label, {Units.Count(samples.Damaged)} damaged"
                : null),
            ("pauses", status.Pause.Reasons.Count > 0 ? string.Join("; ", status.Pause.Reasons) : null));
        human.Table(
            "problems",
            ["kind", "since", "what"],
            status.Problems.Select(static problem => new[] { problem.Kind, Time(problem.Since), problem.Message }));
    }

    public static void Write(HumanReport human, ServiceVersionsReport versions) => human.Table(
        "versions",
        ["", "version", "created", "accepted", "reason"],
        versions.Versions.Select(static version => new[]
        {
            version.Current ? "*" : "", version.Label, Time(version.Created), version.Accepted ? "yes" : "no", version.Reason,
        }));

    private static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
