using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>A dashboard's file: its panels and what it asks of Prometheus.</summary>
internal sealed partial class GrafanaDashboard(string json)
{
    public JsonElement Root { get; } = JsonElement.Parse(json);

    /// <summary>All panels, rows among them.</summary>
    public IReadOnlyList<JsonElement> Panels => [.. Root.GetProperty("panels").EnumerateArray()];

    /// <summary>Panels that show something.</summary>
    public IEnumerable<JsonElement> Charts => Panels.Where(static panel => panel.GetProperty("type").GetString() != "row");

    public IEnumerable<JsonElement> Variables => Root.GetProperty("templating").GetProperty("list").EnumerateArray();

    /// <summary>The queries of panels, annotations and variables.</summary>
    public IEnumerable<Query> Queries =>
    [
        .. Charts.SelectMany(static panel => panel.GetProperty("targets").EnumerateArray()
            .Select(target => new Query(Text(panel, "title"), Text(target, "expr"), Text(target, "legendFormat")))),
        .. Root.GetProperty("annotations").GetProperty("list").EnumerateArray()
            .Select(static annotation => new Query(Text(annotation, "name"), Text(annotation, "expr"), Text(annotation, "titleFormat"))),
        .. Variables.Where(static variable => Text(variable, "type") == "query")
            .Select(static variable => new Query(Text(variable, "name"), variable.GetProperty("query").GetProperty("query").GetString()!, "")),
    ];

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;

    /// <summary>A query with the text that names what it gives.</summary>
    internal sealed partial record Query(string Place, string Expression, string Legend)
    {
        // What Prometheus itself adds to whatever it scrapes.
        private static readonly HashSet<string> Added = ["job", "instance"];

        /// <summary>The variables that the query uses, but those that Grafana gives by itself.</summary>
        public IEnumerable<string> Variables => Variable().Matches(Expression).Select(static use => use.Groups[1].Value).Where(static name => !name.StartsWith("__", StringComparison.Ordinal));

        /// <summary>The series that the query asks for.</summary>
        public IEnumerable<string> Series => Selector().Matches(Expression).Select(static selector => selector.Groups["series"].Value);

        /// <summary>Label and value of every condition on a value that is no variable.</summary>
        public IEnumerable<(string Label, string Value)> Values => Condition().Matches(Expression)
            .Select(static condition => (condition.Groups["label"].Value, condition.Groups["value"].Value))
            .Where(static condition => !condition.Item2.StartsWith('$'));

        /// <summary>What of the query the scrape does not have.</summary>
        public IEnumerable<string> MissingIn(PrometheusScrape scrape)
        {
            var everywhere = new HashSet<string>(Added);
            bool isFirst = true;
            foreach (Match selector in Selector().Matches(Expression))
            {
                string series = selector.Groups["series"].Value;
                if (scrape.LabelsOf(series) is not { } labels)
                {
                    yield return $"{Place}: the series {series}";
                    continue;
                }

                foreach (Match condition in Condition().Matches(selector.Value))
                {
                    if (!labels.Contains(condition.Groups["label"].Value) && !Added.Contains(condition.Groups["label"].Value))
                        yield return $"{Place}: the label {condition.Groups["label"].Value} of {series}";
                }

                if (isFirst)
                    everywhere.UnionWith(labels);
                else
                    everywhere.IntersectWith([.. labels, .. Added]);
                isFirst = false;
            }

            if (isFirst)
                yield return $"{Place}: it asks for no series";
            string[] grouped = [.. Grouping().Matches(Expression).SelectMany(static by => by.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))];
            string[] asked = [.. LabelValues().Matches(Expression).Select(static use => use.Groups[1].Value), .. grouped];
            foreach (string label in asked.Where(label => !everywhere.Contains(label)))
                yield return $"{Place}: the label {label}";
            // An aggregation leaves no labels but those that it groups by.
            foreach (string label in Shown().Matches(Legend).Select(static use => use.Groups[1].Value))
            {
                if (!(grouped.Length > 0 ? grouped.Contains(label) : everywhere.Contains(label)))
                    yield return $"{Place}: the label {label} of its legend";
            }
        }

        [GeneratedRegex(@"\$\{?(\w+)")]
        private static partial Regex Variable();

        [GeneratedRegex("""(?<series>[a-z_]\w*)(?:\{[^}]*\}|(?=,\s*\w+\)$))""")]
        private static partial Regex Selector();

        [GeneratedRegex(@"(?<label>\w+)(?:=~|!=|!~|=)""(?<value>[^""]*)""")]
        private static partial Regex Condition();

        [GeneratedRegex(@"\bby \(([^)]*)\)")]
        private static partial Regex Grouping();

        [GeneratedRegex(@"^label_values\(.*,\s*(\w+)\)$")]
        private static partial Regex LabelValues();

        [GeneratedRegex(@"\{\{(\w+)\}\}")]
        private static partial Regex Shown();
    }
}
