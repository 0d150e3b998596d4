using System.Reflection;
using System.Text.RegularExpressions;

namespace OrtAdaMomentum.Tests.Training.OfficialApi;

/// <summary>The tables of docs/official-api.md, and the members that they are about.</summary>
internal static partial class ApiTable
{
    public static string Text { get; } = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "official-api.md"));

    /// <summary>The rows under a heading: what the official column and ours say.</summary>
    public static IReadOnlyList<(string Official, string Ours, string Difference)> Rows(string type)
    {
        string part = Text.Split($"### {type}\n")[1].Split("\n#")[0];
        return
        [
            .. part.Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
                .Select(static line => line.Split('|'))
                .Select(static cells => (cells[1].Trim().Trim('`'), cells[2].Trim(), cells[3].Trim())),
        ];
    }

    /// <summary>What is written as code and looks like a member of a type.</summary>
    public static IEnumerable<(string Type, string Member)> References(string text) =>
        Reference().Matches(text).Select(static match => (match.Groups["type"].Value, match.Groups["member"].Value));

    /// <summary>The members that a type declares for everybody, as the table writes them.</summary>
    public static IEnumerable<string> MembersOf(Type type)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (var member in type.GetMembers(all))
        {
            switch (member)
            {
                case ConstructorInfo constructor:
                    yield return $"new {type.Name}({Parameters(constructor)})";
                    break;
                case MethodInfo { IsSpecialName: false } method:
                    yield return $"{method.Name}({Parameters(method)})";
                    break;
                case MethodInfo:
                    break;
                default:
                    yield return member.Name;
                    break;
            }
        }
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(static parameter => NameOf(parameter.ParameterType)));

    private static string NameOf(Type type) =>
        type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>" : type.Name;

    [GeneratedRegex("`(?<type>[A-Z][A-Za-z]+)\\.(?<member>[A-Za-z]+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
