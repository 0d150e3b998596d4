namespace OrtAdaMomentum.Personalization;

/// <summary>Runs the current version on tensors. Safe for use from several threads at once.</summary>
public interface IPredictor
{
    /// <summary>Runs the model.</summary>
    /// <param name="inputs">
    /// The model's inputs by name. Tensors of one sample have no batch axis, and neither have the outputs then; tensors with a batch axis
    /// give outputs with one. All alike.
    /// </param>
    /// <returns>The outputs, and the version that they come from.</returns>
    /// <exception cref="InvalidSampleException">An input is missing, unknown, or of another type or shape.</exception>
    Prediction Predict(IReadOnlyDictionary<string, SampleTensor> inputs);

    /// <summary>Runs the model on a thread of the pool. Cancelling ends a run that is under way.</summary>
    Task<Prediction> PredictAsync(IReadOnlyDictionary<string, SampleTensor> inputs, CancellationToken cancellationToken = default);
}

/// <summary>What the model said.</summary>
/// <param name="Outputs">Its outputs by name.</param>
/// <param name="Version">The version that said it.</param>
public sealed record Prediction(IReadOnlyDictionary<string, SampleTensor> Outputs, ModelVersion Version)
{
    /// <summary>The first output.</summary>
    public SampleTensor Output => Outputs.Values.First();
}
