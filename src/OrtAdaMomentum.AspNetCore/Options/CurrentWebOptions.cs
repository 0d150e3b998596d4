namespace OrtAdaMomentum.AspNetCore;

/// <summary>The options in force: those of the start, and after a change of configuration the new ones if they pass all checks.</summary>
internal sealed class CurrentWebOptions : IDisposable
{
    private readonly ILogger _logger;
    private readonly IDisposable? _changes;
    private Set _current;

    /// <exception cref="OptionsValidationException">The options are wrong.</exception>
    public CurrentWebOptions(IOptionsMonitor<FineTuningWebOptions> options, ILogger<CurrentWebOptions> logger)
    {
        _logger = logger;
        var value = options.CurrentValue;
        _current = Check(value) is { Count: > 0 } problems
            ? throw new OptionsValidationException(Microsoft.Extensions.Options.Options.DefaultName, typeof(FineTuningWebOptions), problems)
            : new Set(value, KeyOf(value));
        _changes = options.OnChange(Change);
    }

    public FineTuningWebOptions Value => Volatile.Read(ref _current).Value;

    /// <summary>The key that requests have to bring; null where none is asked for.</summary>
    public ApiKey? Key => Volatile.Read(ref _current).Key;

    public void Dispose() => _changes?.Dispose();

    private static List<string> Check(FineTuningWebOptions options) => [.. new FineTuningWebOptionsValidator().Validate(null, options).Failures ?? []];

    private static ApiKey? KeyOf(FineTuningWebOptions options) => options.Access == FineTuningAccess.ApiKey ? ApiKey.Read(options, out _) : null;

    private void Change(FineTuningWebOptions changed)
    {
        if (Check(changed) is { Count: > 0 } problems)
            WebLog.OptionsRefused(_logger, string.Join(" ", problems));
        else
            Volatile.Write(ref _current, new Set(changed, KeyOf(changed)));
    }

    private sealed record Set(FineTuningWebOptions Value, ApiKey? Key);
}
