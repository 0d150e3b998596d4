using Microsoft.ML.OnnxRuntime;

namespace OrtAdaMomentum.Personalization;

/// <summary>A session that is disposed when nobody uses it any more: counted references, one of them the server's own.</summary>
internal sealed class ServedModel(InferenceSession session, ModelVersion version, Action disposed)
{
    private int _references = 1;

    public InferenceSession Session { get; } = session;

    public ModelVersion Version { get; } = version;

    /// <summary>Takes a reference unless the last one is gone already.</summary>
    public bool TryAddReference()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) > 0)
            return;
        Session.Dispose();
        disposed();
    }
}
