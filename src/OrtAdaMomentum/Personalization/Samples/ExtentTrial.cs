using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Tries the served model on extents that it was not asked before: a window may be longer than a short sample, and such a sample would end every run. All
/// versions of a model are alike in this.
/// </summary>
internal sealed class ExtentTrial(IModelServer server, IReadOnlyList<OpenAxis> axes)
{
    // Bounds the memory; extents that are forgotten are tried again.
    private const int MostKnown = 100_000;

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <exception cref="InvalidSampleException">The model cannot run on them.</exception>
    public void Check(IReadOnlyDictionary<string, SampleTensor> inputs)
    {
        string extents = Describe(axes, inputs, batchAxes: 0);
        if (_known.ContainsKey(extents))
            return;
        using var lease = server.Acquire();
        try
        {
            Predictor.Answer(lease.Session, inputs);
        }
        catch (OnnxRuntimeException error)
        {
            throw Refusal(extents, error);
        }

        if (_known.Count >= MostKnown)
            _known.Clear();
        _known.TryAdd(extents, true);
    }

    public static InvalidSampleException Refusal(string extents, OnnxRuntimeException error) =>
        new($"The model cannot run on inputs of the extents {extents}: {error.Message}");

    /// <summary>As in <c>features[0] = 12, mask[0] = 12</c>.</summary>
    public static string Describe(IReadOnlyList<OpenAxis> axes, IReadOnlyDictionary<string, SampleTensor> inputs, int batchAxes) => string.Join(
        ", ",
        axes.Where(axis => inputs.ContainsKey(axis.Tensor)).Select(axis => $"{axis.Place} = {inputs[axis.Tensor].Shape[axis.Axis + batchAxes]}"));
}
