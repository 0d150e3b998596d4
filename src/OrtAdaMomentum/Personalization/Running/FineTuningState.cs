namespace OrtAdaMomentum.Personalization;

/// <summary>What the service is doing.</summary>
public enum FineTuningState
{
    /// <summary>It waits; no samples have come since the latest run.</summary>
    Idle,

    /// <summary>New samples are there, but not enough for a run.</summary>
    Collecting,

    /// <summary>A run begins: its samples are fixed and their labels looked at.</summary>
    Preparing,

    /// <summary>A run trains.</summary>
    Training,

    /// <summary>Training may not go on now; <see cref="IFineTuningMonitor.PauseReasons"/> says why. It goes on by itself.</summary>
    Paused,

    /// <summary>A candidate is compared with the current version.</summary>
    Evaluating,

    /// <summary>The gate has decided, and the candidate goes into the registry.</summary>
    Deciding,

    /// <summary>A candidate that passed the gate becomes the current version.</summary>
    Promoting,

    /// <summary>The latest run failed; it is tried again after a delay, or was given up.</summary>
    Failed,
}
