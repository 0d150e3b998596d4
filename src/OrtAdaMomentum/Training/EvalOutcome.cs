namespace OrtAdaMomentum.Training;

/// <summary>What a forward pass over a batch gave. Valid until the next <see cref="FineTuningSession.EvalStep"/> of the same batch.</summary>
public readonly struct EvalOutcome
{
    private readonly IEvalOutputs _outputs;

    internal EvalOutcome(IEvalOutputs outputs, TrainingBatch batch)
    {
        _outputs = outputs;
        Batch = batch;
    }

    /// <summary>The loss, the mean over the batch.</summary>
    public float Loss => _outputs.Loss;

    /// <summary>The batch that was evaluated.</summary>
    public TrainingBatch Batch { get; }

    /// <summary>The elements of an output, in row-major order; null takes the one that the loss is attached to.</summary>
    /// <exception cref="FineTuningException">The output's shape is not known before a run.</exception>
    public ReadOnlySpan<float> Output(string? name = null) => _outputs.Output<float>(name ?? Batch.Manifest.Outputs[0].Name);

    /// <summary>Whether <see cref="Output"/> can read an output in place.</summary>
    public bool HasOutput(string? name = null) =>
        (name is not null || Batch.Manifest.Outputs.Count > 0) && _outputs.Has(name ?? Batch.Manifest.Outputs[0].Name);

    /// <summary>The shape of an output in this batch.</summary>
    public IReadOnlyList<long> ShapeOf(string? name = null) => _outputs.ShapeOf(name ?? Batch.Manifest.Outputs[0].Name);

    /// <summary>A copy of the output that the loss is attached to, with its shape, also where that is not known before a run.</summary>
    internal (float[] Values, long[] Shape) CopyOutput() => _outputs.Copy(Batch.Manifest.Outputs[0].Name);
}
