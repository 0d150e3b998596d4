namespace OrtAdaMomentum.Personalization;

/// <summary>Those who wait for a run that they asked for. Safe for use from several threads at once.</summary>
internal sealed class RunRequests(WakeUp wakeUp)
{
    private readonly Lock _lock = new();
    private List<TaskCompletionSource<GateDecision>> _requests = [];
    private bool _ended;

    public bool Any
    {
        get
        {
            lock (_lock)
                return _requests.Count > 0;
        }
    }

    public async Task<GateDecision> AddAsync(CancellationToken cancellationToken)
    {
        var request = new TaskCompletionSource<GateDecision>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_ended)
                throw new OperationCanceledException("The fine-tuning service has stopped.");
            _requests.Add(request);
        }

        wakeUp.Set();
        return await request.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Those who have asked, for whoever answers them now.</summary>
    public List<TaskCompletionSource<GateDecision>> Take()
    {
        lock (_lock)
        {
            var taken = _requests;
            _requests = [];
            return taken;
        }
    }

    /// <summary>No run takes place any more.</summary>
    public void End()
    {
        lock (_lock)
            _ended = true;
        Take().ForEach(static request => request.TrySetCanceled());
    }
}
