using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OrtAdaMomentum.Training;

/// <summary>Reads what the runtime gives.</summary>
internal static class OutputValues
{
    /// <summary>A copy of floating-point numbers as single precision.</summary>
    /// <exception cref="FineTuningException">They are none.</exception>
    public static float[] ToSingles(OrtValue value, string name) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
        TensorElementType.Double => [.. value.GetTensorDataAsSpan<double>().ToArray().Select(static number => (float)number)],
        TensorElementType.Float16 => [.. value.GetTensorDataAsSpan<Float16>().ToArray().Select(static number => number.ToFloat())],
        var other => throw new FineTuningException($"Output '{name}' holds {other}, not floating-point numbers."),
    };
}
