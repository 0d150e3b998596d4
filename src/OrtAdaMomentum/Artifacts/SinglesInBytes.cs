using System.Buffers;
using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Artifacts;

/// <summary>Little-endian bytes of managed memory, seen as singles by a machine of that order.</summary>
internal sealed class SinglesInBytes(Memory<byte> bytes) : MemoryManager<float>
{
    public override Span<float> GetSpan() => MemoryMarshal.Cast<byte, float>(bytes.Span);

    public override MemoryHandle Pin(int elementIndex = 0) => bytes[(elementIndex * sizeof(float))..].Pin();

    public override void Unpin()
    {
        // The handle that Pin gives unpins by itself.
    }

    protected override void Dispose(bool disposing)
    {
    }
}
