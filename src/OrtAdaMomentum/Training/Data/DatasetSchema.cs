using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>The tensors that training or evaluation takes from every sample.</summary>
/// <param name="Inputs">The model's inputs; the first axis of each is the batch.</param>
/// <param name="Target">What the loss compares with; its first axis is the batch.</param>
public sealed record DatasetSchema(IReadOnlyList<OnnxValue> Inputs, OnnxValue Target)
{
    /// <summary>The inputs, then the target.</summary>
    public IEnumerable<OnnxValue> Values => [.. Inputs, Target];

    /// <summary>The only input, for file formats that hold one tensor beside the target.</summary>
    /// <exception cref="DatasetException">The model has several inputs, or none.</exception>
    internal OnnxValue SingleInput(string format) => Inputs.Count == 1
        ? Inputs[0]
        : throw new DatasetException(
            $"{format} data holds one input, but the model takes {Inputs.Count} ({string.Join(", ", Inputs.Select(static input => input.Name))}). Use an .npz file.");

    /// <summary>The axes of one sample.</summary>
    internal static IReadOnlyList<Dimension> SampleAxes(OnnxValue value) => value.Type.Shape is { Count: > 0 } shape
        ? [.. shape.Skip(1)]
        : throw new DatasetException($"'{value.Name}' of type {value.Type} has no batch axis, so samples cannot be put into it.");
}
