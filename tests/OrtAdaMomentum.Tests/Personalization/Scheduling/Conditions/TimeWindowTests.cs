using System.Globalization;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Conditions;

public class TimeWindowTests
{
    // As in Central Europe: two o'clock becomes three on the last Sunday of March, and three becomes two on that of October.
    private static readonly TimeZoneInfo _zone = TimeZoneInfo.CreateCustomTimeZone(
        "test", TimeSpan.FromHours(1), "test", "test", "test",
        [
            TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                new DateTime(2020, 1, 1), new DateTime(2030, 12, 31), TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)),
        ]);

    [Fact]
    public void Without_expressions_it_is_always_open() => Assert.True(new TimeWindow([], _zone).Contains(DateTimeOffset.UnixEpoch));

    [Fact]
    public void One_of_several_expressions_is_enough()
    {
        var window = new TimeWindow(["* 1 * * *", "* 13 * * *"], _zone);
        Assert.True(window.Contains(Utc("2026-01-01 00:30")));
        Assert.True(window.Contains(Utc("2026-01-01 12:30")));
        Assert.False(window.Contains(Utc("2026-01-01 13:30")));
    }

    [Theory]
    [InlineData("2026-03-28", 300)] // a day like others
    [InlineData("2026-03-29", 240)] // two o'clock is left out
    [InlineData("2026-10-25", 360)] // two o'clock comes twice
    public void A_window_of_five_hours_is_as_long_as_the_clock_makes_it(string day, int minutes)
    {
        var window = new TimeWindow(["* 1-5 * * *"], _zone);
        var start = Utc(day + " 00:00").AddHours(-2);
        var open = Enumerable.Range(0, 10 * 60).Where(minute => window.Contains(start.AddMinutes(minute))).ToList();
        Assert.Equal(minutes, open.Count);
        Assert.Equal(minutes - 1, open[^1] - open[0]);
    }

    [Fact]
    public void A_window_in_the_hour_that_spring_leaves_out_does_not_open_on_that_day()
    {
        var window = new TimeWindow(["* 2 * * *"], _zone);
        Assert.DoesNotContain(Enumerable.Range(0, 24 * 60), minute => window.Contains(Utc("2026-03-28 23:00").AddMinutes(minute)));
        Assert.Equal(60, Enumerable.Range(0, 24 * 60).Count(minute => window.Contains(Utc("2026-03-27 23:00").AddMinutes(minute))));
    }

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
