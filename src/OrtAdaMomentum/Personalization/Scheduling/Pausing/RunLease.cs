namespace OrtAdaMomentum.Personalization;

/// <summary>The time of a run, which ends early when the service stops or the run is let go because it pauses for long.</summary>
internal sealed class RunLease(Action ended, CancellationToken stoppingToken) : IDisposable
{
    private readonly CancellationTokenSource _source = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);

    public CancellationToken Token => _source.Token;

    /// <summary>Whether the run was let go, to go on later.</summary>
    public bool IsReleased { get; private set; }

    public void Release()
    {
        IsReleased = true;
        _source.Cancel();
    }

    public void Dispose()
    {
        ended();
        _source.Dispose();
    }
}
