namespace OrtAdaMomentum.Tools.Reports;

/// <summary>What standard output shows in place of a result.</summary>
internal sealed record ErrorReport(ErrorDetail Error);

/// <summary>The kind is one of the names in docs/tool.md.</summary>
internal sealed record ErrorDetail(string Kind, string Message);
