using Microsoft.ML.OnnxRuntime;

namespace OrtAdaMomentum.Training.Official;

/// <summary>What the official runtime gave for a batch. It allocates in every run, so that only the last values are held.</summary>
internal sealed class OfficialEvaluation(string loss, IReadOnlyList<string> names) : IEvalOutputs
{
    private readonly Dictionary<string, OrtValue> _values = [];
    private IDisposable? _owner;

    public float Loss => _values[loss].GetTensorDataAsSpan<float>()[0];

    public void Take(IDisposableReadOnlyCollection<OrtValue> outputs)
    {
        _owner?.Dispose();
        _owner = outputs;
        foreach (var (name, value) in names.Zip(outputs))
            _values[name] = value;
    }

    public ReadOnlySpan<T> Output<T>(string name)
        where T : unmanaged => _values[name].GetTensorDataAsSpan<T>();

    public bool Has(string name) => _values.ContainsKey(name);

    public long[] ShapeOf(string name) => _values[name].GetTensorTypeAndShape().Shape;

    public (float[] Values, long[] Shape) Copy(string name) => (OutputValues.ToSingles(_values[name], name), ShapeOf(name));

    public void Dispose()
    {
        _owner?.Dispose();
        _values.Clear();
    }
}
