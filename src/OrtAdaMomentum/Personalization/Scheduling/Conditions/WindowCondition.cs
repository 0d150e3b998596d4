using System.Globalization;

namespace OrtAdaMomentum.Personalization;

/// <summary>Met in the minutes of <see cref="TrainingConditionOptions.Window"/>.</summary>
internal sealed class WindowCondition(Func<TrainingConditionOptions> options, TimeProvider time) : ITrainingCondition
{
    private string? _text;
    private TimeWindow? _window;

    public string Name => "window";

    public ValueTask<ConditionResult> CheckAsync(CancellationToken cancellationToken)
    {
        var wanted = options();
        if (wanted.Window.Count == 0)
            return ValueTask.FromResult(ConditionResult.Met);
        string text = $"{wanted.TimeZone}|{string.Join('|', wanted.Window)}";
        if (text != _text)
        {
            var zone = wanted.TimeZone is { } id ? TimeZoneInfo.FindSystemTimeZoneById(id) : time.LocalTimeZone;
            (_window, _text) = (new TimeWindow(wanted.Window, zone), text);
        }

        var now = time.GetUtcNow();
        return ValueTask.FromResult(
            _window!.Contains(now)
                ? ConditionResult.Met
                : ConditionResult.NotMet(string.Create(
                    CultureInfo.InvariantCulture, $"{_window.LocalTime(now):ddd HH:mm} is not in the window {string.Join(", ", wanted.Window)}")));
    }
}
