namespace OrtAdaMomentum.AspNetCore;

/// <summary>Steers the service.</summary>
internal sealed class ControlEndpoints(ILogger<ControlEndpoints> logger)
{
    private const long LargestReason = 4096;

    public void Map(RouteGroupBuilder group, EndpointNaming naming)
    {
        naming.Describe(
                group.MapPost("/runs", RunAsync), "StartRun", "Starts a run; answers at once, or with the decision where wait is true", 409, 503)
            .Produces<AcceptedResponse>(StatusCodes.Status202Accepted)
            .Produces<DecisionResponse>();
        naming.Describe(
                group.MapPost("/versions/{id}/promote", PromoteAsync), "PromoteVersion", "Serves a version from now on, also one that the gate refused", 404, 409, 503)
            .Produces<VersionResponse>();
        naming.Describe(
                group.MapPost("/rollback", RollBackAsync), "RollBack", "Serves the parent of the current version from now on", 409, 503)
            .Produces<VersionResponse>();
        naming.Describe(
                group.MapPost("/pause", PauseAsync), "PauseTraining", "Lets training pause within a step, and no run start, also over restarts", 400, 413, 503)
            .Accepts<PauseRequest>(isOptional: true, RequestBody.ContentType, RequestBody.AnyType)
            .Produces<PauseResponse>();
        naming.Describe(group.MapPost("/resume", ResumeAsync), "ResumeTraining", "Ends a pause by hand; conditions hold as before", 503).Produces<PauseResponse>();
    }

    private async Task<IResult> RunAsync(HttpContext context, bool? wait, CancellationToken cancellationToken)
    {
        var model = context.StartedModel();
        Note(context, "A run", model);
        if (wait != true)
        {
            // The run takes place whether or not whoever asked is still there.
            _ = FollowAsync(model);
            return TypedResults.Json(
                new AcceptedResponse("The run starts as soon as none is under way; status and events tell what comes of it."),
                ReadableJson.Context.AcceptedResponse,
                statusCode: StatusCodes.Status202Accepted);
        }

        try
        {
            var decision = await model.Control.RequestRunAsync(cancellationToken).ConfigureAwait(false);
            return TypedResults.Json(new DecisionResponse(null, null, decision.Promote, decision.Reason), ReadableJson.Context.DecisionResponse);
        }
        catch (FineTuningException error)
        {
            throw RequestProblemException.Conflict(error.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw RequestProblemException.Unavailable($"The service of model '{model.Name}' stops; the run goes on at its next start.");
        }
    }

    private async Task FollowAsync(FineTuningModel model)
    {
        try
        {
            var decision = await model.Control.RequestRunAsync(CancellationToken.None).ConfigureAwait(false);
            WebLog.RequestedRunEnded(logger, model.Name, decision.Reason);
        }
        catch (OperationCanceledException)
        {
            // The service stops, which it logs itself; the run goes on at its next start.
        }
#pragma warning disable CA1031 // Nobody waits any more; the service itself has logged and shown what went wrong.
        catch (Exception error)
#pragma warning restore CA1031
        {
            WebLog.RequestedRunEnded(logger, model.Name, error.Message);
        }
    }

    private async Task<IResult> PromoteAsync(string id, HttpContext context, CancellationToken cancellationToken)
    {
        var model = context.StartedModel();
        var version = model.FindVersion(id);
        Note(context, $"The promotion of {version.Label}", model);
        return await ChangeAsync(model, () => model.Control.PromoteAsync(version.Id, cancellationToken)).ConfigureAwait(false);
    }

    private async Task<IResult> RollBackAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var model = context.StartedModel();
        Note(context, "The roll back", model);
        return await ChangeAsync(model, () => model.Control.RollBackAsync(cancellationToken)).ConfigureAwait(false);
    }

    private async Task<IResult> PauseAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var model = context.StartedModel();
        string reason = "paused over HTTP";
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            var request = await RequestBody.ReadAsync(context, LargestReason, ReadableJson.Context.PauseRequest, cancellationToken).ConfigureAwait(false);
            reason = string.IsNullOrWhiteSpace(request.Reason) ? throw RequestProblemException.BadRequest("reason must not be empty.") : request.Reason;
        }

        Note(context, "A pause", model);
        return await HoldAsync(model, () => model.Control.PauseAsync(reason, cancellationToken)).ConfigureAwait(false);
    }

    private async Task<IResult> ResumeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var model = context.StartedModel();
        Note(context, "The end of the pause", model);
        return await HoldAsync(model, () => model.Control.ResumeAsync(cancellationToken)).ConfigureAwait(false);
    }

    private static async Task<IResult> HoldAsync(FineTuningModel model, Func<Task> change)
    {
        try
        {
            await change().ConfigureAwait(false);
        }
        catch (FineTuningException error)
        {
            // It holds now but would not survive a restart, which whoever asked has to know.
            throw RequestProblemException.Unavailable(error.Message);
        }

        return TypedResults.Json(model.Monitor.PauseReasons.ToResponse(), ReadableJson.Context.PauseResponse);
    }

    private static async Task<IResult> ChangeAsync(FineTuningModel model, Func<Task<ModelVersion>> change)
    {
        try
        {
            var version = await change().ConfigureAwait(false);
            return TypedResults.Json(version.ToResponse(model.Registry.Current.Id), ReadableJson.Context.VersionResponse);
        }
        catch (FineTuningException error)
        {
            throw RequestProblemException.Conflict(error.Message);
        }
    }

    private void Note(HttpContext context, string action, FineTuningModel model) =>
        WebLog.ActionAsked(logger, action, model.Name, context.Connection.RemoteIpAddress?.ToString() ?? "this machine");
}
