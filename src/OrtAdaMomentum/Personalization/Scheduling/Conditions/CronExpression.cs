using System.Diagnostics.CodeAnalysis;

namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Minutes, given by five fields as in a crontab: minute (0-59), hour (0-23), day of the month (1-31), month (1-12 or JAN-DEC) and day of the
/// week (0-7 or SUN-SAT, 0 and 7 being Sunday). A field is a list of <c>*</c>, <c>5</c> or <c>1-5</c>, each with a step such as <c>/15</c> if
/// wanted. A range may go over the end: hours <c>22-5</c> are a night. As in a crontab, where days of the month and days of the week are both
/// given, a day needs to be only one of them.
/// </summary>
internal sealed class CronExpression
{
    private static readonly string[] _months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] _days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private static readonly CronField[] _fields =
    [
        new("minute", 0, 59), new("hour", 0, 23), new("day of the month", 1, 31), new("month", 1, 12, _months), new("day of the week", 0, 7, _days),
    ];

    private readonly ulong[] _sets;
    private readonly bool _eitherDay;

    private CronExpression(ulong[] sets, bool eitherDay) => (_sets, _eitherDay) = (sets, eitherDay);

    /// <summary>Reads an expression, or tells what is wrong with it.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CronExpression? expression, out string problem)
    {
        expression = null;
        string[] parts = (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != _fields.Length)
        {
            problem = $"it has {parts.Length} fields.";
            return false;
        }

        var sets = new ulong[parts.Length];
        for (int index = 0; index < parts.Length; index++)
        {
            if (!_fields[index].TryParse(parts[index], out sets[index], out problem))
                return false;
        }

        // Both numbers of Sunday.
        const int Weekdays = 4;
        sets[Weekdays] |= (sets[Weekdays] >> 7 & 1) | (sets[Weekdays] & 1) << 7;
        problem = "";
        expression = new CronExpression(sets, eitherDay: !parts[2].StartsWith('*') && !parts[Weekdays].StartsWith('*'));
        return true;
    }

    /// <summary>Whether the minute of a local time is one of these.</summary>
    public bool Matches(DateTime local)
    {
        bool day = Has(2, local.Day), weekday = Has(4, (int)local.DayOfWeek);
        return Has(0, local.Minute) && Has(1, local.Hour) && Has(3, local.Month) && (_eitherDay ? day || weekday : day && weekday);
    }

    private bool Has(int field, int value) => (_sets[field] >> value & 1) != 0;
}
