using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Makes responses of what the library tells.</summary>
internal static class ResponseMapping
{
    public static VersionResponse ToResponse(this ModelVersion version, string? current) => new(
        version.Id,
        version.Label,
        version.Number,
        version.Parent,
        version.Created,
        version.Accepted,
        version.Id == current,
        version.Reason,
        version.Size,
        version.Decision is { } decision
            ? new ScoresResponse(
                decision.Current.HeldOut?.ToResponse(),
                decision.Candidate.HeldOut?.ToResponse(),
                decision.Current.Golden?.ToResponse(),
                decision.Candidate.Golden?.ToResponse())
            : null);

    public static EvaluationResponse ToResponse(this Evaluation evaluation) => new(evaluation.Loss, evaluation.Accuracy, evaluation.Count);

    public static ProgressResponse ToResponse(this TrainingProgress progress) => new(
        progress.Epoch,
        progress.Step,
        progress.TotalSteps,
        progress.Loss,
        progress.LearningRate,
        Math.Round(progress.SamplesPerSecond, 1),
        Math.Round(progress.Elapsed.TotalSeconds, 3),
        Math.Round(progress.Remaining.TotalSeconds, 3),
        progress.Validation?.Accuracy);

    public static DecisionResponse ToResponse(this CandidateDecided decided) =>
        new(decided.Time, decided.Candidate.Label, decided.Decision.Promote, decided.Decision.Reason);

    public static PauseResponse ToResponse(this IReadOnlyList<PauseReason> reasons) =>
        new(reasons.Any(static reason => reason.Condition == PauseReason.Manual), [.. reasons.Select(static reason => reason.Reason)]);

    public static EventResponse ToResponse(this FineTuningEvent happened) => happened switch
    {
        StateChanged state => new EventResponse(happened.Time) { State = state.State },
        SamplesStored samples => new EventResponse(happened.Time) { Samples = samples.Count },
        TrainingProgressed progressed => new EventResponse(happened.Time) { Progress = progressed.Progress.ToResponse() },
        CandidateDecided decided => new EventResponse(happened.Time)
        {
            Version = decided.Candidate.ToResponse(current: null), Promoted = decided.Decision.Promote, Reason = decided.Decision.Reason,
        },
        VersionServed served => new EventResponse(happened.Time) { Version = served.Version.ToResponse(served.Version.Id), Reason = served.Reason },
        RunFailed failed => new EventResponse(happened.Time) { Reason = failed.Message },
        PauseReasonsChanged pause => new EventResponse(happened.Time) { Pause = pause.Reasons.ToResponse() },
        FeedbackCounted feedback => new EventResponse(happened.Time) { Watch = feedback.Report },
        ProblemsChanged problems => new EventResponse(happened.Time) { Problems = problems.Problems },
        _ => new EventResponse(happened.Time),
    };

    /// <summary>The name of an event in the stream.</summary>
    public static string EventName(this FineTuningEvent happened) => happened switch
    {
        StateChanged => "state",
        SamplesStored => "samples",
        TrainingProgressed => "progress",
        CandidateDecided => "decision",
        VersionServed => "version",
        RunFailed => "failure",
        PauseReasonsChanged => "pause",
        FeedbackCounted => "feedback",
        ProblemsChanged => "problems",
        _ => "other",
    };
}
