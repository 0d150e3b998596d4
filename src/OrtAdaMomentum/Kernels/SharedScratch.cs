namespace OrtAdaMomentum.Kernels;

/// <summary>
/// One <see cref="Scratch"/> for all kernels of the process that need much: nodes of a graph run one after the other, so that each may work
/// where the one before did. Kernels that do run at the same time, in two sessions, get one each, and one of them is kept.
/// </summary>
internal static class SharedScratch
{
    private static Scratch? _free;

    /// <summary>Memory to work in, until it is given back.</summary>
    public static Scratch Take() => Interlocked.Exchange(ref _free, null) ?? new Scratch();

    /// <summary>Gives it back.</summary>
    public static void Give(Scratch scratch)
    {
        if (Interlocked.CompareExchange(ref _free, scratch, null) is not null)
            scratch.Dispose();
    }
}
