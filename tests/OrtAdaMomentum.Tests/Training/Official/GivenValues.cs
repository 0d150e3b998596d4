using Microsoft.ML.OnnxRuntime;

namespace OrtAdaMomentum.Tests.Training.Official;

/// <summary>What a step gives, freed together with all that the runtime made for it.</summary>
internal sealed class GivenValues(IReadOnlyList<OrtValue> values, IReadOnlyList<OrtValue>? owned = null) : IDisposableReadOnlyCollection<OrtValue>
{
    public int Count => values.Count;

    public OrtValue this[int index] => values[index];

    public void Dispose()
    {
        foreach (var value in owned ?? values)
            value.Dispose();
    }

    public IEnumerator<OrtValue> GetEnumerator() => values.GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
