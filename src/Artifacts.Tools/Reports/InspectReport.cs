namespace OrtAdaMomentum.Tools.Reports;

/// <summary>Result of <c>inspect</c> on a model.</summary>
internal sealed record ModelInspectReport
{
    public required string Model { get; init; }

    public required long Opset { get; init; }

    public required bool CanTrain { get; init; }

    /// <summary>Why it cannot be trained, where that is not about operators.</summary>
    public string? Problem { get; init; }

    public required IReadOnlyList<TensorReport> Inputs { get; init; }

    public required IReadOnlyList<TensorReport> Outputs { get; init; }

    public required string FinalActivation { get; init; }

    public required IReadOnlyList<ParameterReport> Parameters { get; init; }

    public required long TrainableCount { get; init; }

    public required long FrozenCount { get; init; }

    public required IReadOnlyList<OperatorJson> Operators { get; init; }

    public required IReadOnlyList<UnsupportedJson> Unsupported { get; init; }

    public required int Batch { get; init; }

    public required long EstimatedTrainingBytes { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>Gradient: <c>rule</c>, <c>nonDifferentiable</c>, <c>integers</c> or <c>missing</c>.</summary>
internal sealed record OperatorJson(string Name, int Count, string Gradient);

/// <summary>A node that no gradient passes.</summary>
internal sealed record UnsupportedJson(string Node, string Operator, string Domain, long Opset, string Reason);
