using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OrtAdaMomentum.Bench;

/// <summary>Native memory for a convolution's input, filter, output and a result, which ONNX Runtime and a kernel share.</summary>
internal sealed unsafe class NativeTensors : IDisposable
{
    private readonly long _largest;

    public NativeTensors(long[] input, long[] filter, long[] output)
    {
        _largest = Math.Max(Count(input), Math.Max(Count(filter), Count(output)));
        X = Filled(1);
        W = Filled(2);
        Y = Filled(3);
        Result = Filled(4);
    }

    public float* X { get; }

    public float* W { get; }

    public float* Y { get; }

    public float* Result { get; }

    /// <summary>A view of one of them: x, w, g, or result.</summary>
    public OrtValue Value(string name, long[] shape)
    {
        float* memory = name switch { "x" => X, "w" => W, "g" => Y, _ => Result };
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, TensorElementType.Float, shape, (nint)memory, Count(shape) * sizeof(float));
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(X);
        NativeMemory.AlignedFree(W);
        NativeMemory.AlignedFree(Y);
        NativeMemory.AlignedFree(Result);
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, static (product, extent) => product * extent);

    private float* Filled(int seed)
    {
        float* memory = (float*)NativeMemory.AlignedAlloc((nuint)_largest * sizeof(float), 64);
        Random random = new(seed);
        for (long i = 0; i < _largest; i++)
            memory[i] = random.NextSingle() - 0.5f;
        return memory;
    }
}
