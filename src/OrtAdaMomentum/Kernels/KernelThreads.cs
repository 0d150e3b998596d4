namespace OrtAdaMomentum.Kernels;

/// <summary>
/// The threads that a kernel may use: those of the session that called it. Which thread does which piece is open, so a kernel cuts its work
/// by the shapes alone and adds up partial sums in a fixed order: its result is then the same for any number of threads.
/// </summary>
internal readonly unsafe struct KernelThreads
{
    private readonly delegate*<void*, delegate*<void*, int, void>, void*, int, void> _run;
    private readonly void* _runner;

    /// <summary>Threads of a caller.</summary>
    /// <param name="run">Does all pieces and returns then. Takes the runner, the piece, its state and the number of pieces.</param>
    /// <param name="runner">Handed to <paramref name="run"/>.</param>
    public KernelThreads(delegate*<void*, delegate*<void*, int, void>, void*, int, void> run, void* runner)
    {
        _run = run;
        _runner = runner;
    }

    /// <summary>The calling thread alone.</summary>
    public static KernelThreads One => default;

    /// <summary>Does <paramref name="piece"/> for 0 up to <paramref name="count"/>, in any order and at once, and returns when all are done.</summary>
    /// <param name="count">Number of pieces.</param>
    /// <param name="piece">A static method; it must not throw.</param>
    /// <param name="state">Handed to every piece, usually a local structure of pointers and extents.</param>
    public void For(int count, delegate*<void*, int, void> piece, void* state)
    {
        if (_run != null && count > 1)
        {
            _run(_runner, piece, state, count);
            return;
        }

        for (int index = 0; index < count; index++)
            piece(state, index);
    }
}
