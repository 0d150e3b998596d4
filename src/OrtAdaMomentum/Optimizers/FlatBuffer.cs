using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Optimizers;

/// <summary>
/// One block of native memory, aligned to 64 bytes, that holds every tensor of a layout. It starts zeroed. The padding between tensors is
/// zero and has to stay zero: whole blocks are processed, padding included. Native, so that its address can be bound to a runtime.
/// </summary>
/// <remarks>Not synchronised: the owner decides who writes when.</remarks>
public sealed unsafe class FlatBuffer : IDisposable
{
    private const int Alignment = BufferLayout.BlockLength * sizeof(float);

    private float* _memory;

    /// <summary>Allocates a zeroed buffer.</summary>
    /// <param name="layout">What it holds.</param>
    /// <exception cref="OutOfMemoryException">The memory could not be had.</exception>
    public FlatBuffer(BufferLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Layout = layout;
        nuint bytes = ByteLength;
        _memory = (float*)LargePages.Allocate(Math.Max(bytes, Alignment), Alignment);
        NativeMemory.Clear(_memory, bytes);
        if (bytes > 0)
            GC.AddMemoryPressure((long)bytes);
    }

    /// <summary>Frees the memory of a buffer that was not disposed.</summary>
    ~FlatBuffer() => Free();

    /// <summary>What the buffer holds and where.</summary>
    public BufferLayout Layout { get; }

    /// <summary>All floats, padding included. Valid until the buffer is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The buffer is disposed.</exception>
    public Span<float> Span => new(Pointer, Layout.Length);

    /// <summary>The address of the first float, a multiple of 64. Valid until the buffer is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The buffer is disposed.</exception>
    public nint Address => (nint)Pointer;

    internal float* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory is null, this);
            return _memory;
        }
    }

    private nuint ByteLength => (nuint)Layout.Length * sizeof(float);

    /// <summary>The floats of one tensor, row-major, without padding.</summary>
    /// <param name="slot">A slot of this buffer's layout.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slot lies outside this buffer.</exception>
    public Span<float> this[BufferSlot slot]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(slot);
            return Span.Slice(slot.Offset, slot.Length);
        }
    }

    /// <summary>Sets every float to zero.</summary>
    public void Clear() => Span.Clear();

    /// <summary>Copies all tensors to another buffer.</summary>
    /// <param name="other">The destination; its layout must hold the same tensors at the same places.</param>
    /// <exception cref="ArgumentException">The layouts differ.</exception>
    public void CopyTo(FlatBuffer other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!Layout.IsSameAs(other.Layout))
            throw new ArgumentException("The two buffers have different layouts.", nameof(other));
        Span.CopyTo(other.Span);
    }

    /// <summary>Writes the tensors one after another without padding, in the layout's order.</summary>
    /// <param name="packed">Takes exactly <see cref="BufferLayout.ElementCount"/> floats.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public void CopyToPacked(Span<float> packed)
    {
        CheckPacked(packed.Length);
        foreach (BufferSlot slot in Layout.Slots)
        {
            this[slot].CopyTo(packed);
            packed = packed[slot.Length..];
        }
    }

    /// <summary>Reads the tensors from the form that <see cref="CopyToPacked"/> writes.</summary>
    /// <param name="packed">Holds exactly <see cref="BufferLayout.ElementCount"/> floats.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public void CopyFromPacked(ReadOnlySpan<float> packed)
    {
        CheckPacked(packed.Length);
        foreach (BufferSlot slot in Layout.Slots)
        {
            packed[..slot.Length].CopyTo(this[slot]);
            packed = packed[slot.Length..];
        }
    }

    /// <summary>Frees the memory. Spans and addresses taken from the buffer must not be used any more.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void CheckPacked(int length)
    {
        if (length != Layout.ElementCount)
            throw new ArgumentException($"The packed form has {Layout.ElementCount} floats, but {length} were given.", nameof(length));
    }

    private void Free()
    {
        if (_memory is null)
            return;
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        if (ByteLength > 0)
            GC.RemoveMemoryPressure((long)ByteLength);
    }
}
