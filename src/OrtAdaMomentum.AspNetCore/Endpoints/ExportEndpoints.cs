namespace OrtAdaMomentum.AspNetCore;

/// <summary>Gives out models and samples as files.</summary>
internal static class ExportEndpoints
{
    private const string CurrentVersion = "current";

    public static void Map(RouteGroupBuilder group, EndpointNaming naming)
    {
        naming.Describe(group.MapGet("/versions/{id}/model", Model), "GetModel", "The model file of a version, or of 'current'", 404, 503)
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream");
        naming.Describe(group.MapGet("/samples/export", Samples), "ExportSamples", "All samples as one archive, which another store imports", 409, 503)
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream");
    }

    private static FileContentHttpResult Model(string id, HttpContext context)
    {
        var model = context.StartedModel();
        var version = id == CurrentVersion ? model.Registry.Current : model.FindVersion(id);
        return TypedResults.File(model.Registry.ReadModel(version), "application/octet-stream", $"{version.Label}.onnx");
    }

    private static PushStreamHttpResult Samples(HttpContext context)
    {
        var model = context.StartedModel();
        if (model.Store is not SqliteSampleStore store)
            throw RequestProblemException.Conflict($"The samples of model '{model.Name}' are in a store of the host's own, which has no archive.");
        return TypedResults.Stream(
            stream => store.ExportAsync(stream, context.RequestAborted), "application/octet-stream", $"{model.Name}.samples");
    }
}
