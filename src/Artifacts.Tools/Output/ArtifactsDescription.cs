using OrtAdaMomentum.Tools.Reports;

namespace OrtAdaMomentum.Tools.Output;

/// <summary>Training artifacts, for people.</summary>
internal static class ArtifactsDescription
{
    public static void Write(HumanReport human, ArtifactsReport report)
    {
        human.Facts(
            ("artifacts", report.Directory),
            ("layout", report.Layout),
            ("loss", report.Classes is { } classes ? $"{report.Loss} over {classes} classes" : report.Loss),
            ("inputs", string.Join(", ", report.Inputs.Select(Describe))),
            ("target", Describe(report.Target)),
            ("outputs", string.Join(", ", report.Outputs.Select(Describe))),
            ("trainable", $"{Units.Count(report.TrainableCount)} parameters in {report.Parameters.Count(static p => p.Trainable)} tensors"),
            ("frozen", Units.Count(report.FrozenCount)),
            ("nodes", $"{report.ForwardNodes} in the model, {report.TrainingNodes} for training"),
            ("memory", report.EstimatedTrainingBytes is { } bytes ? $"about {Units.Bytes(bytes)} with a batch of {report.Batch}" : null));
        foreach (string note in report.Notes)
            human.Line($"note: {note}");
        WriteParameters(human, report.Parameters);
    }

    public static string Describe(TensorReport tensor) =>
        $"{tensor.Name}: {tensor.Type}[{string.Join(", ", tensor.Shape.Select(static axis => axis?.ToString() ?? "?"))}]";

    public static void WriteParameters(HumanReport human, IReadOnlyList<ParameterReport> parameters) => human.Table(
        "Parameters",
        ["name", "shape", "count", "trains"],
        parameters.Select(static parameter => new[]
        {
            parameter.Name, $"[{string.Join(", ", parameter.Shape)}]", Units.Count(parameter.Count), parameter.Trainable ? "yes" : "no",
        }));
}
