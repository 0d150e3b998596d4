namespace OrtAdaMomentum.Personalization;

/// <summary>Tells how much memory is left.</summary>
public interface IMemoryProbe
{
    /// <summary>
    /// Bytes that this process could take without the machine swapping or a limit of its container or job being reached; null when it cannot
    /// be told. Does not throw.
    /// </summary>
    long? ReadAvailableBytes();
}
