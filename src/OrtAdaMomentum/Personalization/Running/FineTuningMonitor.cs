using System.Runtime.CompilerServices;
using System.Threading.Channels;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>Keeps the state of the service and passes events on to watchers.</summary>
internal sealed class FineTuningMonitor : IFineTuningMonitor
{
    private const int KeptDecisions = 50;
    private const int WatcherBuffer = 256;

    private readonly FineTuningProblems _problems;
    private readonly DriftMonitor _drift;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly LinkedList<CandidateDecided> _decisions = new();
    private readonly ProgressHistory _history = new();
    private readonly HashSet<Channel<FineTuningEvent>> _watchers = [];
    private IReadOnlyList<PauseReason> _pauseReasons = [];
    private FineTuningState _state = FineTuningState.Idle;
    private TrainingProgress? _progress;
    private RunFailed? _failure;
    private WatchReport? _watch;
    private bool _completed;

    public FineTuningMonitor(FineTuningProblems problems, DriftMonitor drift, TimeProvider time)
    {
        _problems = problems;
        _drift = drift;
        _time = time;
        problems.Changed += current => Publish(new ProblemsChanged(time.GetUtcNow(), current));
    }

    public FineTuningState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    public IReadOnlyList<PauseReason> PauseReasons
    {
        get
        {
            lock (_lock)
                return _pauseReasons;
        }
    }

    public TrainingProgress? LatestProgress => Volatile.Read(ref _progress);

    public IReadOnlyList<TrainingProgress> History
    {
        get
        {
            lock (_lock)
                return _history.Points;
        }
    }

    public RunFailed? LatestFailure => Volatile.Read(ref _failure);

    public IReadOnlyList<CandidateDecided> Decisions
    {
        get
        {
            lock (_lock)
                return [.. _decisions];
        }
    }

    public WatchReport? Watch => Volatile.Read(ref _watch);

    public DriftReport? Drift => _drift.Latest;

    public IReadOnlyList<FineTuningProblem> Problems => _problems.Current;

    public async IAsyncEnumerable<FineTuningEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var channel = Channel.CreateBounded<FineTuningEvent>(
            new BoundedChannelOptions(WatcherBuffer) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_lock)
        {
            channel.Writer.TryWrite(new StateChanged(_time.GetUtcNow(), _state));
            if (_completed)
                channel.Writer.Complete();
            else
                _watchers.Add(channel);
        }

        try
        {
            await foreach (var happened in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return happened;
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(channel);
        }
    }

    /// <summary>Ends all watching, because nothing happens any more.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            foreach (var watcher in _watchers)
                watcher.Writer.TryComplete();
        }
    }

    public void Enter(FineTuningState state)
    {
        lock (_lock)
        {
            if (_state == state)
                return;
            _state = state;
            Publish(new StateChanged(_time.GetUtcNow(), state));
        }
    }

    public void MayTrain(IReadOnlyList<PauseReason> reasons)
    {
        lock (_lock)
        {
            _pauseReasons = reasons;
            Publish(new PauseReasonsChanged(_time.GetUtcNow(), reasons));
        }
    }

    public void SamplesStored(int count) => Publish(new SamplesStored(_time.GetUtcNow(), count));

    public void Progressed(TrainingProgress progress)
    {
        lock (_lock)
            _history.Add(progress);
        Volatile.Write(ref _progress, progress);
        Publish(new TrainingProgressed(_time.GetUtcNow(), progress));
    }

    public void Decided(ModelVersion candidate, GateDecision decision)
    {
        var happened = new CandidateDecided(_time.GetUtcNow(), candidate, decision);
        lock (_lock)
        {
            _decisions.AddFirst(happened);
            if (_decisions.Count > KeptDecisions)
                _decisions.RemoveLast();
            Publish(happened);
        }
    }

    /// <summary>Takes over what is known of the served version; <paramref name="isNews"/> tells watchers, whom every single report would flood.</summary>
    public void Watched(WatchReport report, bool isNews)
    {
        Volatile.Write(ref _watch, report);
        if (isNews)
            Publish(new FeedbackCounted(_time.GetUtcNow(), report));
    }

    public void Served(ModelVersion version, string reason) => Publish(new VersionServed(_time.GetUtcNow(), version, reason));

    public void RunEndedWell() => Volatile.Write(ref _failure, null);

    public void Failed(string message)
    {
        var failure = new RunFailed(_time.GetUtcNow(), message);
        Volatile.Write(ref _failure, failure);
        Publish(failure);
        Enter(FineTuningState.Failed);
    }

    private void Publish(FineTuningEvent happened)
    {
        // Under the lock, so that all watchers see the same order. A full buffer drops its oldest event; writing never waits.
        lock (_lock)
        {
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(happened);
        }
    }
}
