using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Runs the current version.</summary>
internal sealed class PredictEndpoints(RequestWork work)
{
    public void Map(RouteGroupBuilder group, EndpointNaming naming) =>
        naming.Describe(
                group.MapPost("/predict", PredictAsync), "Predict", "Runs the current version on one sample or on a batch", 400, 413, 415, 503)
            .Accepts<PredictRequest>(RequestBody.ContentType, RequestBody.AnyType)
            .Produces<PredictResponse>();

    private async Task<JsonHttpResult<PredictResponse>> PredictAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var turn = await work.BeginAsync(cancellationToken).ConfigureAwait(false);
        var model = context.StartedModel();
        var request = await RequestBody
            .ReadAsync(context, work.Options.MaximumRequestBytes, ReadableJson.Context.PredictRequest, cancellationToken)
            .ConfigureAwait(false);
        var prediction = await model.Predictor
            .PredictAsync(InputReader.Read(request.Inputs, InputTypes(model), ""), cancellationToken)
            .ConfigureAwait(false);
        return TypedResults.Json(
            new PredictResponse(
                prediction.Version.Label,
                prediction.Version.Id,
                prediction.Outputs.ToDictionary(static output => output.Key, static output => new TensorResponse(output.Value))),
            ReadableJson.Context.PredictResponse);
    }

    // All versions of a model take the same inputs.
    private static Dictionary<string, ElementType> InputTypes(FineTuningModel model) =>
        model.Ingest.Schema?.Inputs.ToDictionary(static input => input.Name, static input => input.ElementType)
        ?? throw RequestProblemException.Unavailable($"The service of model '{model.Name}' has stopped.");
}
