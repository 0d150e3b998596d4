namespace OrtAdaMomentum.AspNetCore;

/// <summary>Takes what is known afterwards: the target of an earlier sample, and whether an answer was right.</summary>
internal sealed class FeedbackEndpoints(RequestWork work)
{
    public void Map(RouteGroupBuilder group, EndpointNaming naming) =>
        naming.Describe(
                group.MapPost("/feedback", FeedbackAsync),
                "GiveFeedback",
                "Gives an earlier sample its target, or another one; tells whether an answer of a version was right",
                400, 404, 413, 415, 503)
            .Accepts<FeedbackRequest>(RequestBody.ContentType, RequestBody.AnyType)
            .Produces(StatusCodes.Status204NoContent);

    private async Task<IResult> FeedbackAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var turn = await work.BeginAsync(cancellationToken).ConfigureAwait(false);
        var model = context.StartedModel();
        var request = await RequestBody
            .ReadAsync(context, work.Options.MaximumRequestBytes, ReadableJson.Context.FeedbackRequest, cancellationToken)
            .ConfigureAwait(false);
        Check(request);
        var target = request.Target is { } known ? TensorReader.Read(known, model.Ingest.Schema!.Target.ElementType, "target") : null;
        var version = request.Version is { } name ? model.FindVersion(name) : null;
        if (target is not null)
            await CorrectAsync(model, request.Key!, target, cancellationToken).ConfigureAwait(false);
        if (version is not null)
            model.Feedback.Report(version.Id, request.Score ?? (request.Right == true ? 1 : 0));
        return TypedResults.NoContent();
    }

    private static void Check(FeedbackRequest request)
    {
        bool isSample = request.Key is not null || request.Target is not null;
        bool isAnswer = request.Version is not null || request.Right is not null || request.Score is not null;
        if (!isSample && !isAnswer)
            throw RequestProblemException.BadRequest("Feedback is key and target of a sample, or version and right or score of an answer, or both.");
        if (isSample && (string.IsNullOrWhiteSpace(request.Key) || request.Target is null))
            throw RequestProblemException.BadRequest("Feedback about a sample takes both key and target.");
        if (isAnswer && (string.IsNullOrWhiteSpace(request.Version) || request.Right is null == request.Score is null))
            throw RequestProblemException.BadRequest("Feedback about an answer takes version, and either right or score.");
        if (request.Score is { } score && !double.IsFinite(score))
            throw RequestProblemException.BadRequest($"score must be a finite number, was {score}.");
    }

    private async Task CorrectAsync(FineTuningModel model, string key, SampleTensor target, CancellationToken cancellationToken)
    {
        bool found = false;
        await work.WaitAsync(
            async token => found = await model.Ingest.CorrectAsync(key, target, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        if (!found)
            throw RequestProblemException.NotFound($"There is no sample with the key '{key}'. It may have gone because the store was full.");
    }
}
