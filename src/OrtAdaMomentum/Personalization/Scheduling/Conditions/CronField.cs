using System.Globalization;

namespace OrtAdaMomentum.Personalization;

/// <summary>One field of a cron expression; what it stands for is a set of small numbers, one bit each.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Least">The least number.</param>
/// <param name="Most">The greatest number.</param>
/// <param name="Names">Names of the numbers from <paramref name="Least"/> on, if they have some.</param>
internal sealed record CronField(string Name, int Least, int Most, string[]? Names = null)
{
    public bool TryParse(string text, out ulong set, out string problem)
    {
        set = 0;
        problem = "";
        foreach (string part in text.Split(','))
        {
            if (TryParsePart(part, ref set))
                continue;
            string names = Names is null ? "" : $" or {Names[0]}-{Names[^1]}";
            problem = $"'{part}' is no {Name}: {Least}-{Most}{names}, ranges such as {Least}-{Most}, steps such as */2.";
            return false;
        }

        return true;
    }

    private bool TryParsePart(string part, ref ulong set)
    {
        int slash = part.IndexOf('/', StringComparison.Ordinal);
        int step = 1;
        if (slash >= 0 && !(TryParseNumber(part.AsSpan(slash + 1), out step) && step >= 1 && step <= Most))
            return false;
        var range = slash < 0 ? part.AsSpan() : part.AsSpan(0, slash);
        int first = Least, last = Most;
        if (range is not "*")
        {
            int dash = range.IndexOf('-');
            if (!TryParseValue(dash < 0 ? range : range[..dash], out first))
                return false;
            if (dash >= 0 && !TryParseValue(range[(dash + 1)..], out last))
                return false;
            // A number with a step goes on to the end.
            if (dash < 0 && slash < 0)
                last = first;
        }

        // The week has two numbers for Sunday; a range over its end must not count it twice.
        int extent = Names?.Length ?? Most - Least + 1;
        int length = last >= first ? last - first : last - first + extent;
        for (int offset = 0; offset <= length; offset += step)
        {
            int value = first + offset;
            set |= 1UL << (value > Most ? value - extent : value);
        }

        return true;
    }

    private bool TryParseValue(ReadOnlySpan<char> text, out int value)
    {
        for (int index = 0; index < Names?.Length; index++)
        {
            if (text.Equals(Names[index], StringComparison.OrdinalIgnoreCase))
            {
                value = Least + index;
                return true;
            }
        }

        return TryParseNumber(text, out value) && value >= Least && value <= Most;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
