using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// The options that are in force. When their configuration changes, a set that passes all checks takes the place of the one before; what can only be
/// set at the start stays as it was.
/// </summary>
internal sealed class CurrentOptions : IDisposable
{
    private readonly IDisposable? _reloading;
    private FineTuningServiceOptions _value;

    /// <summary>Options that never change.</summary>
    public CurrentOptions(FineTuningServiceOptions value) => _value = value;

    /// <summary>Options that follow their section of the configuration.</summary>
    public CurrentOptions(
        string name,
        IOptionsFactory<FineTuningServiceOptions> factory,
        IConfigurationSection? section,
        FineTuningProblems problems,
        ILogger<CurrentOptions> logger)
    {
        _value = factory.Create(name);
        if (section is null)
            return;
        Show(problems, Misspelt(section));
        _reloading = ChangeToken.OnChange(section.GetReloadToken, () => Reload(name, factory, section, problems, logger));
    }

    /// <summary>Raised after the options have changed.</summary>
    public event Action? Changed;

    /// <summary>The options. Whoever does something in several steps reads this once, so that no two settings mix.</summary>
    public FineTuningServiceOptions Value => Volatile.Read(ref _value);

    public void Dispose() => _reloading?.Dispose();

    private static void Show(FineTuningProblems problems, params IEnumerable<string> messages)
    {
        string message = string.Join(' ', messages.Where(static part => part.Length > 0));
        if (message.Length == 0)
            problems.Resolve(FineTuningProblemKind.Configuration);
        else
            problems.Report(FineTuningProblemKind.Configuration, message);
    }

    private static string Misspelt(IConfigurationSection section) => OptionNames.UnknownIn(section) is { Count: > 0 } unknown
        ? $"{string.Join(", ", unknown)}: no option has this name, so it has no effect. Correct it, or take it out of the section."
        : "";

    private void Reload(
        string name, IOptionsFactory<FineTuningServiceOptions> factory, IConfigurationSection section, FineTuningProblems problems, ILogger logger)
    {
        try
        {
            var changed = factory.Create(name);
            var fixedAtStart = changed.KeepWhatIsFixed(Value);
            Volatile.Write(ref _value, changed);
            Show(
                problems,
                fixedAtStart.Count == 0 ? "" : $"{string.Join(", ", fixedAtStart)} changed; a restart is needed for it.",
                Misspelt(section));
            Log.OptionsChanged(logger, name);
            Changed?.Invoke();
        }
        catch (Exception error) when (error is OptionsValidationException or InvalidOperationException)
        {
            problems.Report(FineTuningProblemKind.Configuration, $"The changed options are refused and those before stay in force: {error.Message}");
        }
    }
}
