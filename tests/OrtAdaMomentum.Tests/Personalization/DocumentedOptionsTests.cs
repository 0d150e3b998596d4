using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;
using OrtAdaMomentum.AspNetCore;
using OrtAdaMomentum.Personalization;

namespace OrtAdaMomentum.Tests.Personalization;

/// <summary>The tables of options in the documentation have every option, no other one, and their defaults.</summary>
public sealed partial class DocumentedOptionsTests
{
    /// <summary>What stands where an option has no value unless it is set.</summary>
    private static readonly string[] Unset = ["", "none", "all", "the first", "what is left", "any time", "that of the machine"];

    [Fact]
    public void Of_the_service() =>
        Compare(
            Documented("hosted-service.md", "## Options").Where(static option => !option.Name.EndsWith(":...", StringComparison.Ordinal)),
            OptionsOf(new FineTuningServiceOptions(), "").Where(static option =>
                !option.Name.StartsWith("Conditions:", StringComparison.Ordinal) && option.Name is not ("MaximumExtents" or "Padding")));

    [Fact]
    public void Of_groups_with_a_name_for_each_value_or_a_page_of_their_own() =>
        Assert.Equal(
            ["MaximumExtents:...", "Padding:...", "Conditions:..."],
            Documented("hosted-service.md", "## Options").Select(static option => option.Name).Where(static name => name.EndsWith(":...", StringComparison.Ordinal)));

    [Fact]
    public void Of_conditions() => Compare(Documented("scheduling.md", "## Conditions"), OptionsOf(new TrainingConditionOptions(), ""));

    [Fact]
    public void Of_the_budget() => Compare(
        Documented("scheduling.md", "## Budget").Where(static option => option.Name.StartsWith("Budget:", StringComparison.Ordinal)),
        OptionsOf(new TrainingBudgetOptions(), "Budget:"));

    [Fact]
    public void Of_the_interface() => Compare(Documented("http-api.md", "## Who is let in"), OptionsOf(new FineTuningWebOptions(), ""));

    [Fact]
    public void The_names_known_in_configuration_are_those_of_all_options() => Assert.Equal(
        OptionsOf(new FineTuningServiceOptions(), "").Select(static option => option.Name).Order(StringComparer.Ordinal),
        OptionNames.All.Order(StringComparer.Ordinal));

    private static void Compare(IEnumerable<(string Name, string Default)> documented, IEnumerable<(string Name, string Default)> options)
    {
        var known = options.ToDictionary();
        var described = documented.ToDictionary();
        Assert.NotEmpty(known);
        Assert.Equal(known.Keys.Order(StringComparer.Ordinal), described.Keys.Order(StringComparer.Ordinal));
        Assert.All(known, option =>
        {
            if (option.Value.Length == 0)
                Assert.Contains(described[option.Key], Unset);
            else
                Assert.Equal($"{option.Key} = {option.Value}", $"{option.Key} = {described[option.Key]}");
        });
    }

    /// <summary>The options in the tables of a section: a row may have several, and their defaults in the same order.</summary>
    private static IEnumerable<(string Name, string Default)> Documented(string page, string heading)
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, page));
        int start = text.IndexOf(heading + "\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"{page} has no section {heading}.");
        int end = text.IndexOf("\n#", start + heading.Length, StringComparison.Ordinal);
        foreach (Match row in Row().Matches(text[start..end]))
        {
            string[] names = [.. row.Groups[1].Value.Split(", ").Select(static name => name.Trim('`'))];
            string cell = row.Groups[2].Value.Trim();
            string[] defaults = names.Length == 1 ? [cell] : cell.Length == 0 ? [.. names.Select(static _ => "")] : cell.Split(", ");
            Assert.True(names.Length == defaults.Length, $"{page}: {row.Value}");
            for (int index = 0; index < names.Length; index++)
                yield return (names[index], defaults[index].Trim('`'));
        }
    }

    private static IEnumerable<(string Name, string Default)> OptionsOf(object options, string prefix)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            object? value = property.GetValue(options);
            if (property.PropertyType is { IsClass: true } type && type.Namespace == typeof(FineTuningServiceOptions).Namespace)
            {
                foreach (var inner in OptionsOf(value!, $"{prefix}{property.Name}:"))
                    yield return inner;
            }
            else
            {
                yield return (prefix + property.Name, Written(value));
            }
        }
    }

    private static string Written(object? value) => value switch
    {
        null or "" => "",
        string text => text,
        ICollection or IEnumerable => "",
        bool flag => flag ? "true" : "false",
        TimeSpan { TotalDays: >= 1 } time => Count(time.TotalDays, "day"),
        TimeSpan { TotalMinutes: >= 1 } time => Count(time.TotalMinutes, "minute"),
        TimeSpan time => $"{time.TotalSeconds} s",
        long and >= 1L << 30 => $"{(long)value >> 30} GiB",
        long and >= 1L << 20 => $"{(long)value >> 20} MiB",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Count(double number, string unit) => number == 1 ? $"1 {unit}" : $"{number} {unit}s";

    [GeneratedRegex(@"^\| (`[^|]+`) \|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
