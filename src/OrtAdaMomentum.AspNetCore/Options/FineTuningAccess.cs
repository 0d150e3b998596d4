namespace OrtAdaMomentum.AspNetCore;

/// <summary>Who may use the HTTP interface.</summary>
public enum FineTuningAccess
{
    /// <summary>Processes on the same machine: the connection itself has to come from a loopback address or a Unix domain socket.</summary>
    Loopback,

    /// <summary>Whoever sends the key in the header <c>X-Api-Key</c>, from anywhere. Use it over HTTPS.</summary>
    ApiKey,
}
