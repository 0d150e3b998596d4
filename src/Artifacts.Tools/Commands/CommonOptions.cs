using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace OrtAdaMomentum.Tools.Commands;

/// <summary>Options of every verb, and options of kinds that several verbs have.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Write exactly one JSON object to standard output.", Recursive = true,
    };

    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "With an error, also show where in the program it arose.", Recursive = true,
    };

    /// <summary>A decimal number, written with a point whatever the culture.</summary>
    public static Option<double?> Number(string name, string description, Func<double, bool> isValid, string range) => new(name)
    {
        Description = $"{description} ({range})",
        HelpName = "X",
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && isValid(value))
                return value;
            result.AddError($"{name} takes a number ({range}), was '{text}'.");
            return null;
        },
    };

    /// <summary>A whole number of at least <paramref name="minimum"/>.</summary>
    public static Option<int?> WholeNumber(string name, string description, int minimum) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= minimum)
                return value;
            result.AddError($"{name} takes a whole number of at least {minimum}, was '{text}'.");
            return null;
        },
    };

    /// <summary>One word out of a list.</summary>
    public static Option<string> Choice(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    /// <summary>The path of a file or folder, or another text.</summary>
    public static Option<string> Text(string name, string helpName, string description, bool required = false) => new(name)
    {
        Description = description, HelpName = helpName, Required = required,
    };

    /// <summary>Whether the user wrote the option.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is OptionResult { Implicit: false };
}
