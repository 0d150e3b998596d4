using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Personalization;

/// <summary>Something that happened in the service.</summary>
/// <param name="Time">When.</param>
public abstract record FineTuningEvent(DateTimeOffset Time);

/// <summary>The service went over to another state. Also the first event that a watcher gets, with the state it is in.</summary>
/// <param name="Time">When.</param>
/// <param name="State">The state.</param>
public sealed record StateChanged(DateTimeOffset Time, FineTuningState State) : FineTuningEvent(Time);

/// <summary>Training may go on no longer, or may again, or for other reasons not.</summary>
/// <param name="Time">When.</param>
/// <param name="Reasons">Why it may not go on; empty when it may.</param>
public sealed record PauseReasonsChanged(DateTimeOffset Time, IReadOnlyList<PauseReason> Reasons) : FineTuningEvent(Time);

/// <summary>Samples were stored.</summary>
/// <param name="Time">When.</param>
/// <param name="Count">How many new ones.</param>
public sealed record SamplesStored(DateTimeOffset Time, int Count) : FineTuningEvent(Time);

/// <summary>An optimizer step was made.</summary>
/// <param name="Time">When.</param>
/// <param name="Progress">How far the run is.</param>
public sealed record TrainingProgressed(DateTimeOffset Time, TrainingProgress Progress) : FineTuningEvent(Time);

/// <summary>The gate decided about a candidate.</summary>
/// <param name="Time">When.</param>
/// <param name="Candidate">The candidate.</param>
/// <param name="Decision">What was decided.</param>
public sealed record CandidateDecided(DateTimeOffset Time, ModelVersion Candidate, GateDecision Decision) : FineTuningEvent(Time);

/// <summary>Another version is served.</summary>
/// <param name="Time">When.</param>
/// <param name="Version">The version.</param>
/// <param name="Reason">Why.</param>
public sealed record VersionServed(DateTimeOffset Time, ModelVersion Version, string Reason) : FineTuningEvent(Time);

/// <summary>A run ended with an error.</summary>
/// <param name="Time">When.</param>
/// <param name="Message">What went wrong.</param>
public sealed record RunFailed(DateTimeOffset Time, string Message) : FineTuningEvent(Time);

/// <summary>Something went wrong, or is over.</summary>
/// <param name="Time">When.</param>
/// <param name="Problems">What is wrong from now on; empty when nothing is.</param>
public sealed record ProblemsChanged(DateTimeOffset Time, IReadOnlyList<FineTuningProblem> Problems) : FineTuningEvent(Time);

/// <summary>Enough was reported about answers of the served version to look at it again, its watch began or ended, or another is served.</summary>
/// <param name="Time">When.</param>
/// <param name="Report">What is known now.</param>
public sealed record FeedbackCounted(DateTimeOffset Time, WatchReport Report) : FineTuningEvent(Time);
