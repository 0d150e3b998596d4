namespace OrtAdaMomentum.Personalization;

/// <summary>Lends the session of the current version. Safe for use from several threads at once.</summary>
public interface IModelServer
{
    /// <summary>The version that the next lease gets.</summary>
    /// <exception cref="InvalidOperationException">The service has not started, or has ended.</exception>
    ModelVersion Version { get; }

    /// <summary>Lends the session. Never waits; a swap that happens meanwhile concerns later leases only.</summary>
    /// <exception cref="InvalidOperationException">The service has not started, or has ended.</exception>
    ModelLease Acquire();
}
