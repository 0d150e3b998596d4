using OrtAdaMomentum.Kernels.Runtime;

namespace OrtAdaMomentum.Kernels;

/// <summary>What computes one node of a graph. It is made once for the node, and called by one thread at a time.</summary>
internal abstract class Kernel : IDisposable
{
    /// <summary>Computes the node's outputs.</summary>
    public abstract void Compute(KernelContext context);

    /// <summary>Gives memory back that the kernel keeps between calls.</summary>
    public virtual void Dispose()
    {
    }
}
