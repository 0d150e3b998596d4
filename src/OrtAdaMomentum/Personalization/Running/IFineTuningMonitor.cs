using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>Shows what the service is doing. Safe for use from several threads at once.</summary>
public interface IFineTuningMonitor
{
    /// <summary>What it is doing now.</summary>
    FineTuningState State { get; }

    /// <summary>Why training may not go on now, whether there is anything to train or not; empty when it may.</summary>
    IReadOnlyList<PauseReason> PauseReasons { get; }

    /// <summary>The latest step of the run under way, or of the last one; null before the first.</summary>
    TrainingProgress? LatestProgress { get; }

    /// <summary>Steps of the run under way, or of the last one, for a curve: at most 512, evenly spread.</summary>
    IReadOnlyList<TrainingProgress> History { get; }

    /// <summary>The latest decisions of the gate, newest first.</summary>
    IReadOnlyList<CandidateDecided> Decisions { get; }

    /// <summary>The latest failure; null when the latest run went well or there was none.</summary>
    RunFailed? LatestFailure { get; }

    /// <summary>How far the latest requests are from the first ones to the version; null before there were enough.</summary>
    DriftReport? Drift { get; }

    /// <summary>What is known of the served version from its use; null before the service has started.</summary>
    WatchReport? Watch { get; }

    /// <summary>What is wrong now; empty when nothing is.</summary>
    IReadOnlyList<FineTuningProblem> Problems { get; }

    /// <summary>
    /// What happens from now on, after a <see cref="StateChanged"/> with the state of now. Each watcher has a bounded buffer: one that is
    /// slow misses the oldest events, and never holds up the service.
    /// </summary>
    IAsyncEnumerable<FineTuningEvent> WatchAsync(CancellationToken cancellationToken = default);
}
