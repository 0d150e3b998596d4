using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using OrtAdaMomentum.Training.Data;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Takes samples, and forgets subjects.</summary>
internal sealed class SampleEndpoints(RequestWork work)
{
    public void Map(RouteGroupBuilder group, EndpointNaming naming)
    {
        naming.Describe(
                group.MapPost("/samples", AddAsync), "AddSamples", "Stores a sample, or an array of them; answers when they are on the disk", 400, 413, 415, 503)
            .Accepts<SampleRequest>(RequestBody.ContentType, RequestBody.AnyType)
            .Produces<StoredResponse>();
        naming.Describe(
                group.MapDelete("/subjects/{subject}", ForgetAsync), "ForgetSubject", "Removes all samples of a subject; answers when no byte of them is left", 503)
            .Produces<ForgottenResponse>();
    }

    private async Task<IResult> AddAsync(HttpContext context, CancellationToken cancellationToken)
    {
        using var turn = await work.BeginAsync(cancellationToken).ConfigureAwait(false);
        var model = context.StartedModel();
        Sample[] samples;
        using (var document = await RequestBody.ReadAsync(context, work.Options.MaximumRequestBytes, cancellationToken).ConfigureAwait(false))
            samples = Read(document.RootElement, model.Ingest.Schema!, work.Options.MaximumSamplesPerRequest);
        // All are checked before the first is stored: a request that is refused leaves nothing behind.
        for (int index = 0; index < samples.Length; index++)
            Check(model.Ingest, samples, index);
        await work.WaitAsync(
            token => Task.WhenAll(samples.Select(sample => model.Ingest.AddAsync(sample, token).AsTask())), cancellationToken).ConfigureAwait(false);
        return TypedResults.Json(new StoredResponse([.. samples.Select(static sample => sample.Key)]), ReadableJson.Context.StoredResponse);
    }

    private static async Task<IResult> ForgetAsync(string subject, HttpContext context, CancellationToken cancellationToken)
    {
        // Servers leave an escaped slash as it is in the path, so that it cannot be told from the text of one.
        string? target = context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0];
        if (target is not null)
            subject = Uri.UnescapeDataString(target[(target.LastIndexOf('/') + 1)..]);
        if (string.IsNullOrWhiteSpace(subject))
            throw RequestProblemException.BadRequest("The subject must not be empty.");
        int samples = await context.StartedModel().Store.ForgetSubjectAsync(subject, cancellationToken).ConfigureAwait(false);
        return TypedResults.Json(new ForgottenResponse(subject, samples), ReadableJson.Context.ForgottenResponse);
    }

    private static Sample[] Read(JsonElement body, DatasetSchema schema, int most)
    {
        if (body.ValueKind != JsonValueKind.Array)
            return [Read(body, schema, "")];
        int count = body.GetArrayLength();
        if (count > most)
            throw new RequestProblemException(
                StatusCodes.Status413PayloadTooLarge, $"The body has {count} samples, more than the {most} that MaximumSamplesPerRequest allows.");
        return [.. body.EnumerateArray().Select((element, index) => Read(element, schema, $"[{index}]."))];
    }

    private static Sample Read(JsonElement element, DatasetSchema schema, string place)
    {
        var request = RequestJson.Read(element, ReadableJson.Context.SampleRequest, place);
        RefuseEmpty(request.Key, place + "key");
        RefuseEmpty(request.Subject, place + "subject");
        RefuseEmpty(request.Source, place + "source");
        var inputs = InputReader.Read(request.Inputs, schema.Inputs.ToDictionary(static input => input.Name, static input => input.ElementType), place);
        var target = request.Target is { } known ? TensorReader.Read(known, schema.Target.ElementType, place + "target") : null;
        return new Sample(inputs, target, request.Key) { Subject = request.Subject, Source = request.Source };
    }

    private static void RefuseEmpty(string? value, string place)
    {
        if (value is not null && string.IsNullOrWhiteSpace(value))
            throw RequestProblemException.BadRequest($"{place} must not be empty; leave it out instead.");
    }

    private static void Check(ISampleIngest ingest, Sample[] samples, int index)
    {
        try
        {
            ingest.Check(samples[index]);
        }
        catch (InvalidSampleException error) when (samples.Length > 1)
        {
            throw RequestProblemException.BadRequest($"[{index}]: {error.Message}");
        }
    }
}
