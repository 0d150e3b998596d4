namespace OrtAdaMomentum.Tools.Reports;

/// <summary>Result of <c>gradients</c>.</summary>
internal sealed record GradientsReport(
    string Directory, string? Checkpoint, string Data, string Out, int Batch, double? Loss, IReadOnlyList<GradientReport> Gradients);

/// <summary>The gradient of one parameter; norm and largest magnitude are null where elements are not finite.</summary>
internal sealed record GradientReport(string Parameter, string Array, IReadOnlyList<long> Shape, double? Norm, double? LargestMagnitude);
