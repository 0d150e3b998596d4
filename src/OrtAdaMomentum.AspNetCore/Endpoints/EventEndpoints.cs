using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Hosting;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>What happens, as server-sent events.</summary>
internal sealed class EventEndpoints(RequestLimiter limiter, TimeProvider time)
{
    /// <summary>Steps can be many a second; nobody sees more of them than this.</summary>
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>So often something is sent, so that both sides notice when the other has gone.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public void Map(RouteGroupBuilder group, EndpointNaming naming) =>
        naming.Describe(
                group.MapGet("/events", Watch),
                "WatchEvents",
                "What happens from now on, as server-sent events: state, samples, progress, decision, version, failure, pause, feedback, problems")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream");

    private ServerSentEventsResult<string> Watch(HttpContext context, IHostApplicationLifetime lifetime)
    {
        var monitor = context.Model().Monitor;
        var stream = limiter.OpenStream();
        context.Response.RegisterForDispose(stream);
        return TypedResults.ServerSentEvents(EventsAsync(monitor, lifetime.ApplicationStopping, context.RequestAborted));
    }

    private async IAsyncEnumerable<SseItem<string>> EventsAsync(
        IFineTuningMonitor monitor, CancellationToken stopping, [EnumeratorCancellation] CancellationToken aborted)
    {
        // A stream that is open must not hold up the end of the host.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        long sent = time.GetTimestamp() - ProgressInterval.Ticks;
        bool progressSent = false;
        var events = monitor.WatchAsync(ended.Token).GetAsyncEnumerator(ended.Token);
        await using (events.ConfigureAwait(false))
        {
            while (true)
            {
                var next = events.MoveNextAsync().AsTask();
                while (await TimedOutAsync(next, ended.Token).ConfigureAwait(false))
                    yield return new SseItem<string>("{}", "alive");
                if (!await HasNextAsync(next, ended.Token).ConfigureAwait(false))
                    yield break;
                var happened = events.Current;
                if (happened is TrainingProgressed { Progress.Validation: null })
                {
                    if (progressSent && time.GetElapsedTime(sent) < ProgressInterval)
                        continue;
                    sent = time.GetTimestamp();
                    progressSent = true;
                }

                yield return new SseItem<string>(JsonSerializer.Serialize(happened.ToResponse(), ReadableJson.Context.EventResponse), happened.EventName());
            }
        }
    }

    private static async Task<bool> HasNextAsync(Task<bool> next, CancellationToken cancellationToken)
    {
        try
        {
            return await next.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The stream ends as one that has nothing more to say, so that its reader knows that it was not cut off.
            return false;
        }
    }

    private async Task<bool> TimedOutAsync(Task<bool> next, CancellationToken cancellationToken)
    {
        if (next.IsCompleted)
            return false;
        var pause = Task.Delay(Heartbeat, time, cancellationToken);
        return await Task.WhenAny(next, pause).ConfigureAwait(false) == pause && !cancellationToken.IsCancellationRequested;
    }
}
