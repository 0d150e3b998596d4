using Spectre.Console;

namespace OrtAdaMomentum.Samples.EdgeFineTune;

/// <summary>The table at the end of a run.</summary>
internal static class SummaryTable
{
    public static void Print(Summary summary, RunLog log, RequestTraffic traffic, string output)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "base", "tuned");
        table.AddRow("new handwriting", $"{summary.BaseNew:P2}", $"{summary.TunedNew:P2}");
        table.AddRow("old digits", $"{summary.BaseOld:P2}", $"{summary.TunedOld:P2}");
        AnsiConsole.Write(table);
        Console.WriteLine($"decision       {(summary.Promoted ? "promoted" : "kept the base model")}: {log.Decision!.Decision.Reason}");
        Console.WriteLine($"training       {summary.Steps} steps; {summary.Seconds:F1} s in all; peak memory {summary.PeakMegabytes:F0} MB");
        Console.WriteLine(
            $"requests       {traffic.Answered} answered, {traffic.Failed} failed ({string.Join(", ", traffic.AnswersByVersion.OrderBy(static pair => pair.Key).Select(static pair => $"{pair.Value} by {pair.Key}"))})");
        Console.WriteLine($"left in        {output}: tuned.onnx, checkpoint, report.html");
    }
}
