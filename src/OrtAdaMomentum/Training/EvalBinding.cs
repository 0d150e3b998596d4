using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;

namespace OrtAdaMomentum.Training;

/// <summary>A batch bound to the eval session, with memory for what comes out.</summary>
internal sealed class EvalBinding : IEvalOutputs
{
    private readonly NativeTensor _loss;
    private readonly Dictionary<string, NativeTensor> _fixed = [];

    public EvalBinding(OrtIoBinding binding, ArtifactManifest manifest, int batchSize)
    {
        Binding = binding;
        _loss = new NativeTensor(manifest.LossOutput, Onnx.ElementType.Float, []);
        binding.BindOutput(manifest.LossOutput, _loss.Value);
        foreach (var output in manifest.Outputs)
        {
            if (output.Shape.Skip(1).All(static dimension => dimension.IsStatic) && output.Shape.Count > 0 && Fits(output, batchSize))
            {
                var tensor = new NativeTensor(output.Name, output.ElementType, output.BatchShape(batchSize));
                _fixed[output.Name] = tensor;
                binding.BindOutput(output.Name, tensor.Value);
            }
            else
            {
                // The runtime decides the shape and allocates in every run.
                binding.BindOutputToDevice(output.Name, OrtMemoryInfo.DefaultInstance);
            }
        }
    }

    public OrtIoBinding Binding { get; }

    public float Loss => _loss.As<float>()[0];

    public ReadOnlySpan<T> Output<T>(string name)
        where T : unmanaged =>
        _fixed.TryGetValue(name, out var tensor)
            ? tensor.As<T>()
            : throw new FineTuningException($"The shape of output '{name}' is not known before a run, so it cannot be read in place.");

    public (float[] Values, long[] Shape) Copy(string name)
    {
        if (_fixed.TryGetValue(name, out var known))
            return (OutputValues.ToSingles(known.Value, name), known.Shape);
        using var values = Binding.GetOutputValues();
        var value = values.ElementAt(Array.IndexOf(Binding.GetOutputNames(), name));
        return (OutputValues.ToSingles(value, name), value.GetTensorTypeAndShape().Shape);
    }

    public bool Has(string name) => _fixed.ContainsKey(name);

    public long[] ShapeOf(string name) => _fixed[name].Shape;

    public void Dispose()
    {
        Binding.Dispose();
        _loss.Dispose();
        foreach (var tensor in _fixed.Values)
            tensor.Dispose();
    }

    // An axis 0 that is not the batch (a time axis, say) would be bound at the wrong extent; only a free or equal one is the batch.
    private static bool Fits(TensorInfo output, int batchSize) => !output.Shape[0].IsStatic || output.Shape[0].Extent == batchSize;
}
