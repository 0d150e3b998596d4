namespace OrtAdaMomentum.Personalization;

/// <summary>Turns objects into tensors, asks the model, and turns its outputs into an object.</summary>
internal sealed class TypedPredictor<TInput, TOutput>(
    IPredictor predictor,
    Func<TInput, IReadOnlyDictionary<string, SampleTensor>> encode,
    Func<IReadOnlyDictionary<string, SampleTensor>, TOutput> decode) : IPredictor<TInput, TOutput>
{
    public Prediction<TOutput> Predict(TInput input) => Decode(predictor.Predict(encode(input)));

    public async Task<Prediction<TOutput>> PredictAsync(TInput input, CancellationToken cancellationToken = default) =>
        Decode(await predictor.PredictAsync(encode(input), cancellationToken).ConfigureAwait(false));

    private Prediction<TOutput> Decode(Prediction prediction) => new(decode(prediction.Outputs), prediction.Version);
}
