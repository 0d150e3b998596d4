namespace OrtAdaMomentum.Tools.Reports;

/// <summary>Result of <c>service status</c>.</summary>
internal sealed record ServiceStatusReport(
    string? Model,
    string State,
    ServiceVersion? Version,
    ServiceSamples? Samples,
    IReadOnlyList<ServiceProblem> Problems,
    ServicePauses Pause);

/// <summary>How many samples a service keeps.</summary>
internal sealed record ServiceSamples(int Training, int HeldOut, int Unlabelled, int Damaged, int Total, int New);

/// <summary>Something that is wrong with a service.</summary>
internal sealed record ServiceProblem(string Kind, string Message, DateTimeOffset Since);

/// <summary>Why training pauses; without reasons it does not.</summary>
internal sealed record ServicePauses(bool ByHand, IReadOnlyList<string> Reasons);

/// <summary>A version of a service's model.</summary>
internal sealed record ServiceVersion(
    string Id, string Label, int Number, string? Parent, DateTimeOffset Created, bool Accepted, bool Current, string Reason, long Bytes);

/// <summary>Result of <c>service versions</c>, newest first.</summary>
internal sealed record ServiceVersionsReport(string Current, IReadOnlyList<ServiceVersion> Versions);

/// <summary>Result of <c>service pause</c> and <c>service resume</c>.</summary>
internal sealed record ServicePauseReport(bool Paused, string? Reason);

/// <summary>Result of <c>service forget-subject</c>.</summary>
internal sealed record ServiceForgetReport(string Subject, int Samples);

/// <summary>Result of <c>service import</c>.</summary>
internal sealed record ServiceImportReport(string Path, long Added, long Known);

/// <summary>Result of <c>service salvage</c>.</summary>
internal sealed record ServiceSalvageReport(string Path, long Copied, long Damaged, long Unreadable);

/// <summary>Result of <c>service export</c>.</summary>
internal sealed record ServiceExportReport(string Path, string What, long Bytes);
