using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using OrtAdaMomentum.Training;

namespace OrtAdaMomentum.Bench;

/// <summary>What a run of parts measured, as its files have it: lines of Markdown, and JSON with the machine that it was had on.</summary>
internal sealed class Results
{
    private readonly List<string> _lines = [];
    private readonly JsonObject _json = new()
    {
        ["processor"] = ProcessorName(),
        ["cores"] = Environment.ProcessorCount,
        ["system"] = RuntimeInformation.OSDescription,
        ["dotnet"] = Environment.Version.ToString(),
        ["onnxRuntime"] = OrtEnv.Instance().GetVersionString(),
        ["library"] = typeof(FineTuningSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
    };

    /// <summary>Prints a line, and keeps it for the Markdown file.</summary>
    public void Line(string line = "")
    {
        Console.WriteLine(line);
        _lines.Add(line);
    }

    /// <summary>Prints the head of a table: text columns, then columns of numbers.</summary>
    public void Head(string[] texts, params string[] numbers)
    {
        Line($"| {string.Join(" | ", texts.Concat(numbers))} |");
        Line($"|{string.Concat(texts.Select(static text => $":{new string('-', text.Length + 1)}|"))}{string.Concat(numbers.Select(static number => $"{new string('-', number.Length + 1)}:|"))}");
    }

    public void Row(params string[] cells) => Line($"| {string.Join(" | ", cells)} |");

    /// <summary>Adds to a list of the JSON file.</summary>
    public void Add(string list, JsonObject entry)
    {
        if (_json[list] is not JsonArray entries)
            _json[list] = entries = [];
        entries.Add(entry);
    }

    public void Set(string name, string value) => _json[name] = value;

    /// <summary>Writes the files that <c>--markdown FILE</c> and <c>--json FILE</c> ask for.</summary>
    public void Save(string[] args)
    {
        if (Value(args, "--markdown") is { } markdown)
            File.WriteAllLines(markdown, _lines);
        if (Value(args, "--json") is { } json)
            File.WriteAllText(json, _json.ToJsonString());
    }

    private static string? Value(string[] args, string option) => Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static string ProcessorName() => OperatingSystem.IsLinux()
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown"
        : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
}
