namespace OrtAdaMomentum.AspNetCore;

/// <summary>Steers the service.</summary>
internal sealed class ControlEndpoints(ILogger<ControlEndpoints> logger)
{
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
                WebJson.Default.AcceptedResponse,
                statusCode: StatusCodes.Status202Accepted);
        }

        try
        {
            var decision = await model.Control.RequestRunAsync(cancellationToken).ConfigureAwait(false);
            return TypedResults.Json(new DecisionResponse(null, null, decision.Promote, decision.Reason), WebJson.Default.DecisionResponse);
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

    private static async Task<IResult> ChangeAsync(FineTuningModel model, Func<Task<ModelVersion>> change)
    {
        try
        {
            var version = await change().ConfigureAwait(false);
            return TypedResults.Json(version.ToResponse(model.Registry.Current.Id), WebJson.Default.VersionResponse);
        }
        catch (FineTuningException error)
        {
            throw RequestProblemException.Conflict(error.Message);
        }
    }

    private void Note(HttpContext context, string action, FineTuningModel model) =>
        WebLog.ActionAsked(logger, action, model.Name, context.Connection.RemoteIpAddress?.ToString() ?? "this machine");
}
