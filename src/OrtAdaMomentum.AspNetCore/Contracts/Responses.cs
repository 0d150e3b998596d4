namespace OrtAdaMomentum.AspNetCore;

/// <summary>The models that can be asked for.</summary>
internal sealed record ModelsResponse(IReadOnlyList<string> Models);

/// <summary>What a service is doing.</summary>
internal sealed record StatusResponse(
    string Model,
    FineTuningState State,
    VersionResponse? Version,
    SamplesResponse? Samples,
    ProgressResponse? Progress,
    DecisionResponse? Decision,
    FailureResponse? Failure,
    IReadOnlyList<FineTuningProblem> Problems,
    DriftReport? Drift,
    PauseResponse Pause,
    WatchReport? Watch);

/// <summary>Why training may not go on; without reasons it may.</summary>
/// <param name="ByHand">Whether somebody paused it.</param>
/// <param name="Reasons">All reasons.</param>
internal sealed record PauseResponse(bool ByHand, IReadOnlyList<string> Reasons);

/// <summary>How many samples are stored, how many wait for it, and how many bytes wait or are being stored.</summary>
internal sealed record SamplesResponse(int Training, int HeldOut, int Unlabelled, int Damaged, int Total, int New, int Waiting, long WaitingBytes);

/// <summary>Where a run is. Times are in seconds; the accuracy is a share from 0 to 1 and only there where it was measured.</summary>
internal sealed record ProgressResponse(
    int Epoch, int Step, int TotalSteps, double Loss, double LearningRate, double SamplesPerSecond, double Elapsed, double Remaining, double? Accuracy);

/// <summary>A version of the model.</summary>
internal sealed record VersionResponse(
    string Id, string Label, int Number, string? Parent, DateTimeOffset Created, bool Accepted, bool Current, string Reason, long Bytes, ScoresResponse? Scores);

/// <summary>What the gate compared: the version it was trained from, and the version itself.</summary>
internal sealed record ScoresResponse(EvaluationResponse? HeldOutBefore, EvaluationResponse? HeldOut, EvaluationResponse? GoldenBefore, EvaluationResponse? Golden);

/// <summary>How well a model did on a set of samples.</summary>
internal sealed record EvaluationResponse(double Loss, double? Accuracy, int Count);

/// <summary>All versions, newest first.</summary>
internal sealed record VersionsResponse(string Current, IReadOnlyList<VersionResponse> Versions);

/// <summary>What the gate decided.</summary>
internal sealed record DecisionResponse(DateTimeOffset? Time, string? Version, bool Promoted, string Reason);

/// <summary>A run that failed.</summary>
internal sealed record FailureResponse(DateTimeOffset Time, string Message);

/// <summary>Samples that are stored now.</summary>
internal sealed record StoredResponse(IReadOnlyList<string> Keys);

/// <summary>What the model said, and which version of it.</summary>
internal sealed record PredictResponse(string Version, string Id, Dictionary<string, TensorResponse> Outputs);

/// <summary>A subject whose samples are gone.</summary>
internal sealed record ForgottenResponse(string Subject, int Samples);

/// <summary>Something was begun that goes on by itself.</summary>
internal sealed record AcceptedResponse(string Message);

/// <summary>Something that happened; which of the members are there depends on what it was.</summary>
internal sealed record EventResponse(DateTimeOffset Time)
{
    public FineTuningState? State { get; init; }

    public int? Samples { get; init; }

    public ProgressResponse? Progress { get; init; }

    public VersionResponse? Version { get; init; }

    public bool? Promoted { get; init; }

    public string? Reason { get; init; }

    public PauseResponse? Pause { get; init; }

    public WatchReport? Watch { get; init; }

    public IReadOnlyList<FineTuningProblem>? Problems { get; init; }
}
