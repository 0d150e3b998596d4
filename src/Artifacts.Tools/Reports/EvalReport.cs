namespace OrtAdaMomentum.Tools.Reports;

/// <summary>Result of <c>eval</c>.</summary>
internal sealed record EvalReport(string Directory, string? Checkpoint, string Data, double? Loss, double? Accuracy, int Count);
