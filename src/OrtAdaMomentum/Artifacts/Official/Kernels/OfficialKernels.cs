using OrtAdaMomentum.Gradients;

namespace OrtAdaMomentum.Artifacts.Official.Kernels;

/// <summary>
/// The gradient operators of the official runtime that have a kernel for the processor, each where it computes what it should. One of its own
/// kind has its entry in a list of its kind.
/// </summary>
internal static class OfficialKernels
{
    public static readonly IReadOnlyList<OfficialKernel> All =
    [
        .. ElementwiseKernels.All,
        .. IndexingKernels.All,
        .. NormalizationKernels.All,
        .. RecurrentKernels.All,
        .. WindowKernels.All,
        ClassLossKernel.Kernel,
    ];

    /// <summary>Rules that use the official operators, and those of the registry for all else.</summary>
    public static GradientRegistry Over(GradientRegistry registry)
    {
        foreach (var kernel in All)
        {
            if (registry.Find(kernel.Forward, kernel.ForwardDomain) is { } ordinary)
                registry = registry.With(kernel.Over(ordinary));
        }

        return registry;
    }
}
