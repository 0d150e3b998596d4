namespace OrtAdaMomentum.Kernels;

/// <summary>All kernels.</summary>
internal static class KernelRegistry
{
    /// <summary>In the order in which they are registered.</summary>
    public static IReadOnlyList<KernelDefinition> All { get; } =
    [
        Elementwise.ReluBackwardKernel.Definition,
    ];

    /// <summary>Names of the operators.</summary>
    public static IReadOnlySet<string> Names { get; } = All.Select(static definition => definition.Name).ToHashSet();
}
