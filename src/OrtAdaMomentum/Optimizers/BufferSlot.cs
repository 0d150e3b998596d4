namespace OrtAdaMomentum.Optimizers;

/// <summary>Where one tensor lies in a flat buffer.</summary>
/// <param name="Name">The tensor's name, unique in its layout.</param>
/// <param name="Shape">Its dimensions; empty for a scalar, which holds one element.</param>
/// <param name="Offset">Index of its first float in the buffer, always a multiple of 16 (64 bytes).</param>
/// <param name="Length">How many floats it holds, without padding; 0 when a dimension is 0.</param>
public sealed record BufferSlot(string Name, IReadOnlyList<long> Shape, int Offset, int Length);
