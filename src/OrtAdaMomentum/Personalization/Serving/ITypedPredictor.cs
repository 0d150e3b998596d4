namespace OrtAdaMomentum.Personalization;

/// <summary>Runs the current version on an application's own types. Safe for use from several threads at once if the conversions are.</summary>
/// <typeparam name="TInput">What the application asks about.</typeparam>
/// <typeparam name="TOutput">What it wants to know.</typeparam>
public interface IPredictor<in TInput, TOutput>
{
    /// <summary>Runs the model.</summary>
    /// <exception cref="InvalidSampleException">The input was turned into tensors that the model does not take.</exception>
    Prediction<TOutput> Predict(TInput input);

    /// <summary>Runs the model on a thread of the pool. Cancelling ends a run that is under way.</summary>
    Task<Prediction<TOutput>> PredictAsync(TInput input, CancellationToken cancellationToken = default);
}

/// <summary>What the model said.</summary>
/// <typeparam name="T">Type of the answer.</typeparam>
/// <param name="Value">The answer.</param>
/// <param name="Version">The version that gave it.</param>
public sealed record Prediction<T>(T Value, ModelVersion Version);
