using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtAdaMomentum.Optimizers;

namespace OrtAdaMomentum.Training;

/// <summary>Shows tensors of a flat buffer to the runtime where they lie.</summary>
internal static class FlatBufferValues
{
    /// <summary>A view, valid as long as the buffer is.</summary>
    public static OrtValue View(FlatBuffer buffer, BufferSlot slot) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, TensorElementType.Float, [.. slot.Shape],
        buffer.Address + (nint)slot.Offset * sizeof(float), (long)slot.Length * sizeof(float));
}
