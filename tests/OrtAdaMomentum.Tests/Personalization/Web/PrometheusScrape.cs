using System.Text.RegularExpressions;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>What a scrape in the text format of Prometheus gives: families, and the labels that each series of a name comes with.</summary>
internal sealed partial class PrometheusScrape
{
    private readonly Dictionary<string, HashSet<string>> _labels = [];

    public PrometheusScrape(string text)
    {
        Families = Family().Matches(text).Select(static line => line.Groups[1].Value).ToHashSet();
        foreach (Match line in Series().Matches(text))
        {
            var labels = Label().Matches(line.Groups["labels"].Value).Select(static label => label.Groups[1].Value);
            if (_labels.TryGetValue(line.Groups["name"].Value, out var known))
                known.UnionWith(labels);
            else
                _labels.Add(line.Groups["name"].Value, [.. labels]);
        }
    }

    public IReadOnlySet<string> Families { get; }

    /// <summary>Labels of a series, of a histogram those of <c>_bucket</c>, <c>_sum</c> or <c>_count</c>; null where there is none of that name.</summary>
    public IReadOnlySet<string>? LabelsOf(string series) => _labels.GetValueOrDefault(series);

    [GeneratedRegex(@"^# TYPE (\w+) ", RegexOptions.Multiline)]
    private static partial Regex Family();

    [GeneratedRegex("""^(?<name>[a-z_]\w*)(?:\{(?<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? """, RegexOptions.Multiline)]
    private static partial Regex Series();

    [GeneratedRegex(@"(\w+)=""(?:[^""\\]|\\.)*""")]
    private static partial Regex Label();
}
