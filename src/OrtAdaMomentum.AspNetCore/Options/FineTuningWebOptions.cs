namespace OrtAdaMomentum.AspNetCore;

/// <summary>Options of the HTTP interface, checked when it is mapped. Limits and access follow a change of configuration while the host runs.</summary>
public sealed class FineTuningWebOptions
{
    /// <summary>Who may use the interface. Default: <see cref="FineTuningAccess.Loopback"/>.</summary>
    public FineTuningAccess Access { get; set; } = FineTuningAccess.Loopback;

    /// <summary>The key, at least 16 characters. For <see cref="FineTuningAccess.ApiKey"/> this or <see cref="ApiKeyFile"/> is required.</summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// A file whose text, without white space around it, is the key. A relative path lies in <c>$CREDENTIALS_DIRECTORY</c> where systemd gives one,
    /// otherwise in the current folder.
    /// </summary>
    public string? ApiKeyFile { get; set; }

    /// <summary>
    /// Wrong keys from one address, of IPv6 from one network (/64), in <see cref="FailedKeyPeriod"/>, 1 to 10000. Whoever has sent more is turned away with
    /// 429, with the right key too, until enough of them are forgotten. Default: 10.
    /// </summary>
    public int MaximumFailedKeys { get; set; } = 10;

    /// <summary>
    /// Wrong keys from all addresses together in <see cref="FailedKeyPeriod"/>, at least <see cref="MaximumFailedKeys"/>, at most 1000000. While there are
    /// more, every address that has sent a wrong one is turned away, and no other. Default: 100.
    /// </summary>
    public int MaximumFailedKeysInTotal { get; set; } = 100;

    /// <summary>The time in which so many wrong keys are forgotten, evenly, 1 second to 1 day. Default: 1 minute.</summary>
    public TimeSpan FailedKeyPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Names, without a port, that a request may give as its host beside <c>localhost</c> and loopback addresses. Only for
    /// <see cref="FineTuningAccess.Loopback"/>, where another name means that a page of another site had its name point at this machine.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Origins, such as <c>https://panel.example</c>, whose pages may use the interface beside the interface's own.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Bytes of the largest request body, 1 KiB to 1 GiB. Default: 8 MiB.</summary>
    public long MaximumRequestBytes { get; set; } = 8L << 20;

    /// <summary>Samples in one request, 1 to 100000. Default: 1000.</summary>
    public int MaximumSamplesPerRequest { get; set; } = 1000;

    /// <summary>Requests with samples, feedback or inputs that are worked on at once, at least 1. Default: 32.</summary>
    public int MaximumConcurrentRequests { get; set; } = 32;

    /// <summary>Such requests that may wait for their turn, at least 0; more are turned away with 429. Default: 64.</summary>
    public int MaximumQueuedRequests { get; set; } = 64;

    /// <summary>How long a request waits for the store, 100 milliseconds to 10 minutes; then it ends with 503. Default: 10 seconds.</summary>
    public TimeSpan MaximumWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Event streams that may be open at once, at least 0; more are turned away with 429. Default: 16.</summary>
    public int MaximumEventStreams { get; set; } = 16;
}
