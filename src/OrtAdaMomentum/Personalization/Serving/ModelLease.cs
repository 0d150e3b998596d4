using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Artifacts;

namespace OrtAdaMomentum.Personalization;

/// <summary>The use of a served model. The session stays valid until this is disposed, whatever is promoted meanwhile.</summary>
public sealed class ModelLease : IDisposable
{
    private ServedModel? _model;

    internal ModelLease(ServedModel model) => _model = model;

    /// <summary>The session; its <c>Run</c> is safe from several threads at once. Not to be disposed.</summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public InferenceSession Session => Model.Session;

    /// <summary>The version that the session runs.</summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public ModelVersion Version => Model.Version;

    /// <summary>
    /// The outputs of an answer to one sample, in the model's order: without the batch axis in front, which a prediction for one sample leaves out, and with an
    /// extent of 1 where the batch stands elsewhere. Axes that have the name of an input's axis are as long as that.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public IReadOnlyList<TensorInfo> Outputs => OutputAxes.OfOneSample(Session);

    private ServedModel Model => Volatile.Read(ref _model) ?? throw new ObjectDisposedException(nameof(ModelLease));

    /// <summary>Gives the session back. Doing so twice does no harm.</summary>
    public void Dispose() => Interlocked.Exchange(ref _model, null)?.Release();
}
