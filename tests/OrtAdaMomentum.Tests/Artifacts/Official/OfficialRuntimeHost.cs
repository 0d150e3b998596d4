namespace OrtAdaMomentum.Tests.Artifacts.Official;

/// <summary>One process of the official runtime for all tests of a class, because starting it takes seconds; after a crash there is a new one.</summary>
public sealed class OfficialRuntimeHost : IDisposable
{
    private OfficialRuntime? _runtime;

    internal OfficialRuntime Runtime
    {
        get
        {
            if (_runtime is { IsBroken: true })
            {
                _runtime.Dispose();
                _runtime = null;
            }

            return _runtime ??= OfficialRuntime.Start();
        }
    }

    public void Dispose() => _runtime?.Dispose();
}
