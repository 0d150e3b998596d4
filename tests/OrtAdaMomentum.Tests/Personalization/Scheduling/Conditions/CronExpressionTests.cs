using System.Globalization;
using CsCheck;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization.Scheduling.Conditions;

public class CronExpressionTests
{
    // 2026-01-01 was a Thursday.
    [Theory]
    [InlineData("* * * * *", "2026-01-01 00:00", true)]
    [InlineData("0 1-5 * * 1-5", "2026-01-01 03:00", true)]
    [InlineData("0 1-5 * * 1-5", "2026-01-01 03:01", false)]
    [InlineData("0 1-5 * * 1-5", "2026-01-03 03:00", false)]
    [InlineData("* 1-5 * * 1-5", "2026-01-01 05:59", true)]
    [InlineData("* 1-5 * * 1-5", "2026-01-01 06:00", false)]
    [InlineData("* 22-5 * * *", "2026-01-01 23:10", true)]
    [InlineData("* 22-5 * * *", "2026-01-01 04:10", true)]
    [InlineData("* 22-5 * * *", "2026-01-01 12:00", false)]
    [InlineData("*/15 * * * *", "2026-01-01 10:45", true)]
    [InlineData("*/15 * * * *", "2026-01-01 10:46", false)]
    [InlineData("10/20 * * * *", "2026-01-01 10:50", true)]
    [InlineData("10/20 * * * *", "2026-01-01 10:00", false)]
    [InlineData("10-40/20 * * * *", "2026-01-01 10:30", true)]
    [InlineData("10-40/20 * * * *", "2026-01-01 10:50", false)]
    [InlineData("1,5-7,*/30 * * * *", "2026-01-01 10:06", true)]
    [InlineData("1,5-7,*/30 * * * *", "2026-01-01 10:30", true)]
    [InlineData("1,5-7,*/30 * * * *", "2026-01-01 10:08", false)]
    [InlineData("* * * JAN *", "2026-01-01 10:00", true)]
    [InlineData("* * * feb-apr *", "2026-01-01 10:00", false)]
    [InlineData("* * * NOV-JAN *", "2026-01-01 10:00", true)]
    [InlineData("* * * * Thu", "2026-01-01 10:00", true)]
    [InlineData("* * * * FRI-MON", "2026-01-04 10:00", true)]
    [InlineData("* * * * FRI-MON", "2026-01-05 10:00", true)]
    [InlineData("* * * * FRI-MON", "2026-01-06 10:00", false)]
    [InlineData("* * * * 7", "2026-01-04 10:00", true)]
    [InlineData("* * * * 0", "2026-01-04 10:00", true)]
    [InlineData("* * * * 5-7", "2026-01-04 10:00", true)]
    [InlineData("* * * * 6-2", "2026-01-06 10:00", true)]
    [InlineData("* * * * 6-2", "2026-01-07 10:00", false)]
    [InlineData("* * 31 * *", "2026-01-31 10:00", true)]
    [InlineData("* * 13 * 5", "2026-01-13 10:00", true)] // either day, as in a crontab
    [InlineData("* * 13 * 5", "2026-01-16 10:00", true)]
    [InlineData("* * 13 * 5", "2026-01-14 10:00", false)]
    [InlineData("* * */2 * 5", "2026-01-16 10:00", false)] // both, since one begins with a star
    public void Minutes_are_those_of_a_crontab(string expression, string time, bool matches)
    {
        Assert.True(CronExpression.TryParse(expression, out var parsed, out _));
        Assert.Equal(matches, parsed.Matches(DateTime.Parse(time, CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData(null, "it has 0 fields.")]
    [InlineData("", "it has 0 fields.")]
    [InlineData("* * * *", "it has 4 fields.")]
    [InlineData("* * * * * *", "it has 6 fields.")]
    [InlineData("60 * * * *", "'60' is no minute: 0-59, ranges such as 0-59, steps such as */2.")]
    [InlineData("* 24 * * *", "'24' is no hour: 0-23, ranges such as 0-23, steps such as */2.")]
    [InlineData("* * 0 * *", "'0' is no day of the month: 1-31, ranges such as 1-31, steps such as */2.")]
    [InlineData("* * * 13 *", "'13' is no month: 1-12 or JAN-DEC, ranges such as 1-12, steps such as */2.")]
    [InlineData("* * * * 8", "'8' is no day of the week: 0-7 or SUN-SAT, ranges such as 0-7, steps such as */2.")]
    [InlineData("* * * * Noday", "'Noday' is no day of the week: 0-7 or SUN-SAT, ranges such as 0-7, steps such as */2.")]
    [InlineData("*/0 * * * *", "'*/0' is no minute: 0-59, ranges such as 0-59, steps such as */2.")]
    [InlineData("1- * * * *", "'1-' is no minute: 0-59, ranges such as 0-59, steps such as */2.")]
    [InlineData("1,,2 * * * *", "'' is no minute: 0-59, ranges such as 0-59, steps such as */2.")]
    [InlineData("-1 * * * *", "'-1' is no minute: 0-59, ranges such as 0-59, steps such as */2.")]
    [InlineData("+1 * * * *", "'+1' is no minute: 0-59, ranges such as 0-59, steps such as */2.")]
    [InlineData("1.5 * * * *", "'1.5' is no minute: 0-59, ranges such as 0-59, steps such as */2.")]
    [InlineData("99999999999 * * * *", "'99999999999' is no minute: 0-59, ranges such as 0-59, steps such as */2.")]
    public void What_is_no_expression_is_refused_with_a_reason(string? expression, string problem)
    {
        Assert.False(CronExpression.TryParse(expression, out _, out string reason));
        Assert.Equal(problem, reason);
    }

    [Fact]
    public void Any_text_is_either_read_or_refused_with_a_reason() =>
        Gen.Char["0123456789*/-, JANSU"].Array[0, 24].Sample(
            static characters =>
            {
                bool read = CronExpression.TryParse(new string(characters), out var parsed, out string problem);
                Assert.Equal(read, problem.Length == 0);
                Assert.Equal(read, parsed is not null);
            },
            iter: 20_000);
}
