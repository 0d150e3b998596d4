namespace OrtAdaMomentum.Artifacts.Official;

/// <summary>What gradients are written with.</summary>
public enum OfficialKernelUse
{
    /// <summary>Ordinary operators alone, which the official runtime computes as any runtime does.</summary>
    Off,

    /// <summary>The official runtime's own gradient operators where it has a kernel for the processor.</summary>
    On,
}
