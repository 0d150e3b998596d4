namespace OrtAdaMomentum.Personalization;

/// <summary>What a run was started with; written before it begins, so that it can go on after an interruption.</summary>
/// <param name="Id">Name of the run.</param>
/// <param name="Parent">Id of the version that it trains from.</param>
/// <param name="Snapshot">Id of its samples in the store.</param>
/// <param name="Seed">Seed of the order of samples and of the choice of rehearsal samples.</param>
/// <param name="Settings">The options that its result depends on, as text.</param>
/// <param name="Started">When it started first.</param>
internal sealed record RunRecord(string Id, string Parent, string Snapshot, ulong Seed, string Settings, DateTimeOffset Started);
