using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training;

/// <summary>A tensor in native memory of its own that ONNX Runtime reads and writes in place.</summary>
internal sealed unsafe class NativeTensor : IDisposable
{
    private const int Alignment = 64;

    private void* _memory;

    public NativeTensor(string name, ElementType elementType, IReadOnlyList<long> shape)
    {
        Name = name;
        ElementType = elementType;
        Shape = [.. shape];
        long count = Shape.Aggregate(1L, static (product, extent) => checked(product * extent));
        int size = elementType.SizeInBytes();
        if (size == 0)
            throw new FineTuningException($"Tensors of element type {elementType} ('{name}') cannot be bound.");
        ByteLength = checked((int)(count * size));
        _memory = NativeMemory.AlignedAlloc((nuint)Math.Max(ByteLength, 1), Alignment);
        Bytes.Clear();
        Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)elementType, Shape, (nint)_memory, ByteLength);
    }

    ~NativeTensor() => NativeMemory.AlignedFree(_memory);

    public string Name { get; }

    public ElementType ElementType { get; }

    public long[] Shape { get; }

    public int ByteLength { get; }

    public OrtValue Value { get; }

    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory is null, this);
            return new Span<byte>(_memory, ByteLength);
        }
    }

    public Span<T> As<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes);

    public void Dispose()
    {
        if (_memory is null)
            return;
        Value.Dispose();
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        GC.SuppressFinalize(this);
    }
}
