using System.Runtime.InteropServices;

namespace OrtAdaMomentum.Kernels;

/// <summary>
/// Native memory that kernels work in, aligned to 64 bytes: taken when first asked for, kept between calls, grown when a call needs more.
/// Kernels that never run at the same time share one.
/// </summary>
internal sealed unsafe class Scratch : IDisposable
{
    /// <summary>Floats that <see cref="Aligned"/> may pass over.</summary>
    public const int Slack = Alignment / sizeof(float);

    private const int Alignment = 64;
    private const nint Unit = Alignment / sizeof(float);

    [ThreadStatic]
    private static Scratch? _ofThread;

    private float* _memory;
    private nint _length;

    ~Scratch() => NativeMemory.AlignedFree(_memory);

    /// <summary>
    /// Memory of the calling thread, for what a single piece of a kernel needs: as much of it as there are threads, however many kernels
    /// there are. It goes when the thread does.
    /// </summary>
    public static Scratch OfThread => _ofThread ??= new Scratch();

    /// <summary>Bytes held.</summary>
    public long ByteCount => (long)_length * sizeof(float);

    /// <summary>A length that keeps what follows aligned.</summary>
    public static nint Round(nint length) => (length + Unit - 1) / Unit * Unit;

    /// <summary>The first aligned place of memory from the stack, which is <see cref="Slack"/> floats longer than what is needed.</summary>
    public static float* Aligned(float* memory) => (float*)(((nint)memory + Alignment - 1) & -Alignment);

    /// <summary>Floats of unknown content, until the next call of this method.</summary>
    /// <param name="length">How many at least.</param>
    public float* Floats(nint length)
    {
        if (length > _length)
        {
            Free();
            _memory = (float*)NativeMemory.AlignedAlloc((nuint)Round(length) * sizeof(float), Alignment);
            _length = Round(length);
        }

        return _memory;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _length = 0;
    }
}
