using OrtAdaMomentum.Tools.Output;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Tools.Reports;

/// <summary>Result of <c>train</c>. Numbers that are not finite are null.</summary>
internal sealed record TrainReport
{
    public required string Directory { get; init; }

    public required string Data { get; init; }

    public required int Samples { get; init; }

    public required string Checkpoint { get; init; }

    /// <summary>Where official artifacts were written.</summary>
    public string? OfficialOut { get; init; }

    public required string Optimizer { get; init; }

    /// <summary>Steps that had been done before, when training was resumed.</summary>
    public int? ResumedAtStep { get; init; }

    public required int Steps { get; init; }

    /// <summary>Steps of this run that changed nothing because their gradients were not finite.</summary>
    public required int SkippedSteps { get; init; }

    /// <summary>Loss of the last step.</summary>
    public double? Loss { get; init; }

    /// <summary>The last evaluation on the validation data.</summary>
    public EvaluationReport? Validation { get; init; }

    /// <summary>The epochs that ended in this run.</summary>
    public required IReadOnlyList<EpochReport> Epochs { get; init; }

    public required double Seconds { get; init; }

    public double? SamplesPerSecond { get; init; }
}

/// <summary>An epoch: mean loss of its steps in this run.</summary>
internal sealed record EpochReport(int Epoch, int Step, double? Loss, EvaluationReport? Validation);

/// <summary>How well the model does on a dataset. Accuracy is null where the target is no class.</summary>
internal sealed record EvaluationReport(double? Loss, double? Accuracy, int Count)
{
    public static EvaluationReport? Of(Evaluation? evaluation) =>
        evaluation is null ? null : new EvaluationReport(Units.Finite(evaluation.Loss), evaluation.Accuracy, evaluation.Count);
}
