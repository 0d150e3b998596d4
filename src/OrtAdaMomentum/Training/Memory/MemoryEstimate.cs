namespace OrtAdaMomentum.Training.Memory;

/// <summary>
/// Memory that training takes beside the process itself, in bytes. What kernels work in is not counted: all convolutions share one working
/// memory.
/// </summary>
/// <param name="StateBytes">Parameters, gradients, the optimizer's two moments, running statistics, frozen weights and the batch.</param>
/// <param name="ValueBytes">What the training graph keeps at once at most.</param>
public sealed record MemoryEstimate(long StateBytes, long ValueBytes)
{
    /// <summary>
    /// What a session takes whatever the model is, for its own tables, its threads and compiled code: what small models take beyond their
    /// values.
    /// </summary>
    public const long SessionBytes = 8_000_000;

    /// <summary>All together.</summary>
    public long TotalBytes => StateBytes + ValueBytes + SessionBytes;
}
