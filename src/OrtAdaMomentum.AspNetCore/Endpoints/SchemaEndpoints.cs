namespace OrtAdaMomentum.AspNetCore;

/// <summary>What samples have to look like.</summary>
internal static class SchemaEndpoints
{
    public static void Map(RouteGroupBuilder group, EndpointNaming naming) =>
        naming.Describe(
                group.MapGet("/schema", Schema), "GetSchema", "What a sample, a request to predict and its answer look like: inputs, target, outputs", 503)
            .Produces<SchemaResponse>();

    private static JsonHttpResult<SchemaResponse> Schema(HttpContext context)
    {
        var model = context.StartedModel();
        var schema = model.Ingest.Schema ?? throw RequestProblemException.Unavailable($"The service of model '{model.Name}' has stopped.");
        using var lease = model.Server.Acquire();
        return TypedResults.Json(
            new SchemaResponse(model.Name, schema.InputsToResponse(), schema.TargetToResponse(), [.. lease.Outputs.Select(SchemaMapping.ToResponse)]),
            ReadableJson.Context.SchemaResponse);
    }
}
