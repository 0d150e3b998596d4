namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Minutes of local time in which training may run. An hour that the clock leaves out in spring is in no window; one that it has twice in autumn is
/// in a window both times.
/// </summary>
internal sealed class TimeWindow
{
    private readonly CronExpression[] _expressions;
    private readonly TimeZoneInfo _zone;

    /// <param name="expressions">Valid expressions; none for any time.</param>
    /// <param name="zone">Their time zone.</param>
    public TimeWindow(IEnumerable<string> expressions, TimeZoneInfo zone)
    {
        _zone = zone;
        _expressions =
        [
            .. expressions.Select(static text => CronExpression.TryParse(text, out var expression, out string problem)
                ? expression
                : throw new FormatException($"'{text}' is no cron expression: {problem}")),
        ];
    }

    public DateTime LocalTime(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, _zone).DateTime;

    public bool Contains(DateTimeOffset time) =>
        _expressions.Length == 0 || Array.Exists(_expressions, expression => expression.Matches(LocalTime(time)));
}
