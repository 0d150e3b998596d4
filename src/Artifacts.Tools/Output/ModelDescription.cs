using OrtAdaMomentum.Tools.Reports;

namespace OrtAdaMomentum.Tools.Output;

/// <summary>What of a model would train, for people.</summary>
internal static class ModelDescription
{
    public static void Write(HumanReport human, ModelInspectReport report)
    {
        human.Facts(
            ("model", report.Model),
            ("opset", $"{report.Opset}"),
            ("inputs", string.Join(", ", report.Inputs.Select(ArtifactsDescription.Describe))),
            ("outputs", string.Join(", ", report.Outputs.Select(ArtifactsDescription.Describe))),
            ("trainable", Units.Count(report.TrainableCount)),
            ("frozen", Units.Count(report.FrozenCount)),
            ("memory", $"about {Units.Bytes(report.EstimatedTrainingBytes)} with a batch of {report.Batch}"),
            ("can train", report.CanTrain ? "yes" : "no"));
        if (report.Problem is { } problem)
            human.Line($"problem: {problem}");
        foreach (string note in report.Notes)
            human.Line($"note: {note}");
        human.Table(
            "Operators",
            ["operator", "nodes", "gradient"],
            report.Operators.Select(static used => new[] { used.Name, Units.Count(used.Count), used.Gradient }));
        human.Table(
            "Nodes that no gradient passes",
            ["node", "operator", "opset", "reason"],
            report.Unsupported.Select(static node => new[]
            {
                node.Node, node.Domain.Length == 0 ? node.Operator : $"{node.Domain}.{node.Operator}", $"{node.Opset}", node.Reason,
            }));
        ArtifactsDescription.WriteParameters(human, report.Parameters);
    }
}
