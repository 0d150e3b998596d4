using Microsoft.ML.OnnxRuntime;

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

    private ServedModel Model => Volatile.Read(ref _model) ?? throw new ObjectDisposedException(nameof(ModelLease));

    /// <summary>Gives the session back. Doing so twice does no harm.</summary>
    public void Dispose() => Interlocked.Exchange(ref _model, null)?.Release();
}
