using System.Globalization;
using System.Numerics;

namespace OrtAdaMomentum.AspNetCore;

/// <summary>Checks all options of the HTTP interface and reports everything that is wrong at once. Values of keys are never shown.</summary>
internal sealed class FineTuningWebOptionsValidator : IValidateOptions<FineTuningWebOptions>
{
    public ValidateOptionsResult Validate(string? name, FineTuningWebOptions options)
    {
        var problems = new List<string>();
        CheckAccess(problems, options);
        CheckNames(problems, options);
        Between(problems, nameof(options.MaximumRequestBytes), options.MaximumRequestBytes, 1L << 10, 1L << 30);
        Between(problems, nameof(options.MaximumSamplesPerRequest), options.MaximumSamplesPerRequest, 1, 100_000);
        Between(problems, nameof(options.MaximumConcurrentRequests), options.MaximumConcurrentRequests, 1, 10_000);
        Between(problems, nameof(options.MaximumQueuedRequests), options.MaximumQueuedRequests, 0, 100_000);
        Between(problems, nameof(options.MaximumEventStreams), options.MaximumEventStreams, 0, 10_000);
        Between(problems, nameof(options.MaximumFailedKeys), options.MaximumFailedKeys, 1, 10_000);
        Between(problems, nameof(options.MaximumFailedKeysInTotal), options.MaximumFailedKeysInTotal, Math.Max(1, options.MaximumFailedKeys), 1_000_000);
        if (options.FailedKeyPeriod < TimeSpan.FromSeconds(1) || options.FailedKeyPeriod > TimeSpan.FromDays(1))
            problems.Add($"FailedKeyPeriod must be at least 1 second and at most 1 day, was {options.FailedKeyPeriod}.");
        if (options.MaximumWait < TimeSpan.FromMilliseconds(100) || options.MaximumWait > TimeSpan.FromMinutes(10))
            problems.Add($"MaximumWait must be at least 100 milliseconds and at most 10 minutes, was {options.MaximumWait}.");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void CheckAccess(List<string> problems, FineTuningWebOptions options)
    {
        if (!Enum.IsDefined(options.Access))
        {
            problems.Add($"Access must be one of {string.Join(", ", Enum.GetNames<FineTuningAccess>())}, was {(int)options.Access}.");
        }
        else if (options.Access == FineTuningAccess.ApiKey)
        {
            if (options.ApiKey is not null && options.ApiKeyFile is not null)
                problems.Add("Either ApiKey or ApiKeyFile must be given, not both.");
            else if (ApiKey.Read(options, out string? problem) is null)
                problems.Add(problem!);
        }
        else if (options.ApiKey is not null || options.ApiKeyFile is not null)
        {
            problems.Add("ApiKey and ApiKeyFile have no effect unless Access is ApiKey, but Access was Loopback.");
        }
    }

    private static void CheckNames(List<string> problems, FineTuningWebOptions options)
    {
        for (int index = 0; index < options.AllowedHosts.Count; index++)
        {
            string host = options.AllowedHosts[index];
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
                problems.Add($"AllowedHosts[{index}] must be a host name without a port, was '{host}'.");
        }

        for (int index = 0; index < options.AllowedOrigins.Count; index++)
        {
            string origin = options.AllowedOrigins[index];
            bool valid = Uri.TryCreate(origin, UriKind.Absolute, out var address)
                && address.Scheme is "http" or "https"
                && address.GetLeftPart(UriPartial.Authority).Equals(origin, StringComparison.OrdinalIgnoreCase);
            if (!valid)
                problems.Add($"AllowedOrigins[{index}] must be a scheme, host and port such as https://panel.example, was '{origin}'.");
        }
    }

    private static void Between<T>(List<string> problems, string name, T value, T least, T most)
        where T : INumber<T>
    {
        if (value < least || value > most)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name} must be at least {least} and at most {most}, was {value}."));
    }
}
