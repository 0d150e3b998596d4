namespace OrtAdaMomentum.Tools.Reports;

/// <summary>Result of <c>export</c>.</summary>
internal sealed record ExportReport(string Directory, string Checkpoint, string Out, long Bytes);
