using System.Threading.RateLimiting;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Bounds how many requests are worked on and wait at once, so that a burst costs bounded memory. Follows changed options.</summary>
#pragma warning disable CA1001 // A limiter holds nothing but memory, and requests hold its leases when the limits change.
internal sealed class RequestLimiter(CurrentWebOptions options)
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();
    private ConcurrencyLimiter? _limiter;
    private (int Permits, int Queue) _limits;
    private int _streams;

    /// <summary>Waits for the request's turn. Dispose the lease when the request is done.</summary>
    /// <exception cref="RequestProblemException">Too many wait already.</exception>
    public async ValueTask<RateLimitLease> EnterAsync(CancellationToken cancellationToken)
    {
        var lease = await Limiter().AcquireAsync(1, cancellationToken).ConfigureAwait(false);
        if (lease.IsAcquired)
            return lease;
        lease.Dispose();
        throw RequestProblemException.TooMany("Too many requests wait already. Ask again later, or raise MaximumQueuedRequests.");
    }

    /// <summary>Counts an event stream until it is disposed.</summary>
    /// <exception cref="RequestProblemException">Too many are open.</exception>
    public IDisposable OpenStream()
    {
        int most = options.Value.MaximumEventStreams;
        if (Interlocked.Increment(ref _streams) <= most)
            return new Stream(this);
        Interlocked.Decrement(ref _streams);
        throw RequestProblemException.TooMany($"{most} event streams are open, which is as many as MaximumEventStreams allows.");
    }

    private ConcurrencyLimiter Limiter()
    {
        var current = options.Value;
        var limits = (current.MaximumConcurrentRequests, current.MaximumQueuedRequests);
        lock (_lock)
        {
            if (_limiter is null || _limits != limits)
            {
                _limits = limits;
                _limiter = new ConcurrencyLimiter(
                    new ConcurrencyLimiterOptions
                    {
                        PermitLimit = limits.MaximumConcurrentRequests,
                        QueueLimit = limits.MaximumQueuedRequests,
                        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
                    });
            }

            return _limiter;
        }
    }

    private sealed class Stream(RequestLimiter limiter) : IDisposable
    {
        private int _closed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _closed, 1) == 0)
                Interlocked.Decrement(ref limiter._streams);
        }
    }
}
