namespace OrtAdaMomentum.AspNetCore;

/// <summary>What the service is doing, and which versions it has.</summary>
internal static class StatusEndpoints
{
    public static void MapModels(RouteGroupBuilder group, EndpointNaming naming) =>
        naming.Describe(group.MapGet("/models", Models), "GetModels", "The models that can be asked for").Produces<ModelsResponse>();

    public static void Map(RouteGroupBuilder group, EndpointNaming naming)
    {
        naming.Describe(group.MapGet("/status", StatusAsync), "GetStatus", "What the service is doing").Produces<StatusResponse>();
        naming.Describe(group.MapGet("/history", History), "GetHistory", "Loss and accuracy over the steps of the latest run")
            .Produces<IReadOnlyList<ProgressResponse>>();
        naming.Describe(group.MapGet("/versions", Versions), "GetVersions", "All versions, newest first, with the reasons of the gate", 503)
            .Produces<VersionsResponse>();
        naming.Describe(group.MapGet("/versions/{id}", Version), "GetVersion", "One version, by its id, the beginning of it, or its label", 404, 503)
            .Produces<VersionResponse>();
    }

    private static JsonHttpResult<ModelsResponse> Models(IFineTuningModels models) =>
        TypedResults.Json(new ModelsResponse([.. models.All.Select(static model => model.Name)]), ReadableJson.Context.ModelsResponse);

    private static async Task<JsonHttpResult<StatusResponse>> StatusAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var model = context.Model();
        var monitor = model.Monitor;
        bool started = model.Ingest.Schema is not null;
        var samples = started ? await CountAsync(model, cancellationToken).ConfigureAwait(false) : null;
        return TypedResults.Json(
            new StatusResponse(
                model.Name,
                monitor.State,
                started ? model.Registry.Current.ToResponse(model.Registry.Current.Id) : null,
                samples,
                monitor.LatestProgress?.ToResponse(),
                monitor.Decisions.Count > 0 ? monitor.Decisions[0].ToResponse() : null,
                monitor.LatestFailure is { } failure ? new FailureResponse(failure.Time, failure.Message) : null,
                monitor.Problems,
                monitor.Drift,
                monitor.PauseReasons.ToResponse(),
                monitor.Watch),
            ReadableJson.Context.StatusResponse);
    }

    private static async Task<SamplesResponse?> CountAsync(FineTuningModel model, CancellationToken cancellationToken)
    {
        try
        {
            var counts = await model.Store.CountAsync(cancellationToken).ConfigureAwait(false);
            var ingest = model.Ingest;
            return new SamplesResponse(
                counts.Training, counts.HeldOut, counts.Unlabelled, counts.Damaged, counts.Total, counts.New, ingest.Waiting, ingest.WaitingBytes);
        }
        catch (SampleStoreException)
        {
            // A store that cannot be read is among the problems; everything else can be told nevertheless.
            return null;
        }
    }

    private static JsonHttpResult<IReadOnlyList<ProgressResponse>> History(HttpContext context) => TypedResults.Json<IReadOnlyList<ProgressResponse>>(
        [.. context.Model().Monitor.History.Select(ResponseMapping.ToResponse)], ReadableJson.Context.IReadOnlyListProgressResponse);

    private static JsonHttpResult<VersionsResponse> Versions(HttpContext context)
    {
        var registry = context.StartedModel().Registry;
        string current = registry.Current.Id;
        return TypedResults.Json(
            new VersionsResponse(current, [.. registry.Versions.Reverse().Select(version => version.ToResponse(current))]), ReadableJson.Context.VersionsResponse);
    }

    private static JsonHttpResult<VersionResponse> Version(string id, HttpContext context)
    {
        var model = context.StartedModel();
        return TypedResults.Json(model.FindVersion(id).ToResponse(model.Registry.Current.Id), ReadableJson.Context.VersionResponse);
    }
}
