using OrtAdaMomentum.Simd;

namespace OrtAdaMomentum.Optimizers.Simd;

/// <summary>An optimizer's arithmetic for one range, written once for every vector width.</summary>
internal interface IStepKernel
{
    /// <summary>Updates parameters and states of the range.</summary>
    /// <typeparam name="T">The register type.</typeparam>
    /// <param name="range">What to update; its bounds are multiples of 16.</param>
    void Run<T>(in StepRange range)
        where T : struct, ILanes<T>;
}

/// <summary>Picks the register type for a width.</summary>
internal static class StepKernel
{
    public static void Run<TKernel>(VectorWidth width, in TKernel kernel, in StepRange range)
        where TKernel : struct, IStepKernel
    {
        switch (width)
        {
            case VectorWidth.Bits512:
                kernel.Run<Lanes16>(range);
                break;
            case VectorWidth.Bits256:
                kernel.Run<Lanes8>(range);
                break;
            case VectorWidth.Bits128:
                kernel.Run<Lanes4>(range);
                break;
            default:
                kernel.Run<Lanes1>(range);
                break;
        }
    }
}
