namespace OrtAdaMomentum.Personalization;

/// <summary>What a run was started with and how far it is; written before it begins and at every change, so that it can go on after an interruption.</summary>
/// <param name="Id">Name of the run.</param>
/// <param name="Parent">Id of the version that it trains from.</param>
/// <param name="Snapshot">Id of its samples in the store.</param>
/// <param name="Seed">Seed of the order of samples and of the choice of rehearsal samples.</param>
/// <param name="Settings">The options that its result depends on, as text.</param>
/// <param name="Started">When it started first.</param>
internal sealed record RunRecord(string Id, string Parent, string Snapshot, ulong Seed, string Settings, DateTimeOffset Started)
{
    /// <summary>What it does, or did when the process ended.</summary>
    public RunPhase Phase { get; init; }

    /// <summary>
    /// How often it was begun and did not get any farther: counted before it begins, and taken back where the service was stopped.
    /// </summary>
    public int Attempts { get; init; }

    /// <summary>Before when it is not tried again; null unless it failed.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Why it failed last; null where it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>SHA-256 of the candidate, once it is trained.</summary>
    public string? Candidate { get; init; }

    /// <summary>What the gate decided, once it did.</summary>
    public GateDecision? Decision { get; init; }
}

/// <summary>What a run does.</summary>
internal enum RunPhase
{
    /// <summary>It trains; there may be a checkpoint.</summary>
    Training,

    /// <summary>The candidate is written and is measured.</summary>
    Evaluating,

    /// <summary>The gate has decided; the candidate goes into the registry and, if it passed, is promoted.</summary>
    Deciding,
}
