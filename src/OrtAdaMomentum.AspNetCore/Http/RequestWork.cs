using System.Threading.RateLimiting;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>The turn of a request that carries samples, feedback or inputs, and how long it may wait.</summary>
internal sealed class RequestWork(RequestLimiter limiter, CurrentWebOptions options, TimeProvider time)
{
    public FineTuningWebOptions Options => options.Value;

    /// <summary>Waits for the turn, before anything of the body is read.</summary>
    public ValueTask<RateLimitLease> BeginAsync(CancellationToken cancellationToken) => limiter.EnterAsync(cancellationToken);

    /// <summary>Does something that waits for the store, for as long as the options allow.</summary>
    /// <exception cref="RequestProblemException">It takes too long, or the service has stopped.</exception>
    public async Task WaitAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Options.MaximumWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await action(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw RequestProblemException.Unavailable(
                $"The store did not take this within {Options.MaximumWait}. Send it again; a sample with the same key is stored only once.");
        }
        catch (InvalidOperationException error)
        {
            throw RequestProblemException.Unavailable(error.Message);
        }
    }
}
