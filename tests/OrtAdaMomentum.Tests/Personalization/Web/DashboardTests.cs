using System.Text.Json;

namespace OrtAdaMomentum.Tests.Personalization.Web;

/// <summary>The dashboard of the service as Grafana 10 and later import it. That its queries are answered is shown with a scrape, in <see cref="OpenTelemetryTests"/>.</summary>
public sealed class DashboardTests
{
    private const int Columns = 24;

    private readonly GrafanaDashboard _dashboard = new(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fine-tuning.json")));

    [Fact]
    public void It_has_the_schema_of_Grafana_10_and_an_identity_of_its_own()
    {
        var root = _dashboard.Root;
        Assert.InRange(root.GetProperty("schemaVersion").GetInt32(), 38, int.MaxValue);
        Assert.Equal("fine-tuning", root.GetProperty("uid").GetString());
        Assert.NotEmpty(root.GetProperty("title").GetString()!);
        // A number of the installation that it was saved in would overwrite another dashboard there.
        Assert.True(!root.TryGetProperty("id", out var id) || id.ValueKind == JsonValueKind.Null);
    }

    [Fact]
    public void Whoever_imports_it_chooses_the_data_source_and_everything_asks_that_one()
    {
        var source = Assert.Single(_dashboard.Variables, static variable => variable.GetProperty("type").GetString() == "datasource");
        Assert.Equal("datasource", source.GetProperty("name").GetString());
        Assert.Equal("prometheus", source.GetProperty("query").GetString());

        JsonElement[] asking =
        [
            .. _dashboard.Charts, .. _dashboard.Charts.SelectMany(static panel => panel.GetProperty("targets").EnumerateArray()),
            .. _dashboard.Root.GetProperty("annotations").GetProperty("list").EnumerateArray(),
            .. _dashboard.Variables.Where(static variable => variable.GetProperty("type").GetString() == "query"),
        ];
        Assert.All(asking, static element =>
        {
            Assert.Equal("prometheus", element.GetProperty("datasource").GetProperty("type").GetString());
            Assert.Equal("${datasource}", element.GetProperty("datasource").GetProperty("uid").GetString());
        });
    }

    [Fact]
    public void Every_variable_that_a_query_uses_is_defined()
    {
        string[] defined = [.. _dashboard.Variables.Select(static variable => variable.GetProperty("name").GetString()!)];
        Assert.Equal(defined.Length, defined.Distinct().Count());
        Assert.All(_dashboard.Queries, query => Assert.Empty(query.Variables.Except(defined)));
    }

    [Fact]
    public void Panels_have_ids_of_their_own_and_what_they_need_to_be_drawn()
    {
        int[] ids = [.. _dashboard.Panels.Select(static panel => panel.GetProperty("id").GetInt32())];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, static id => Assert.True(id > 0));
        Assert.All(_dashboard.Panels, static panel => Assert.NotEmpty(panel.GetProperty("title").GetString()!));
        Assert.All(_dashboard.Charts, static panel =>
        {
            Assert.Contains(panel.GetProperty("type").GetString(), (string[])["stat", "timeseries"]);
            Assert.True(panel.GetProperty("fieldConfig").TryGetProperty("defaults", out _));
            Assert.True(panel.TryGetProperty("options", out _));
            string[] names = [.. panel.GetProperty("targets").EnumerateArray().Select(static target => target.GetProperty("refId").GetString()!)];
            Assert.NotEmpty(names);
            Assert.Equal(names.Length, names.Distinct().Count());
        });
    }

    [Fact]
    public void Panels_lie_within_the_grid_and_none_over_another()
    {
        var taken = new Dictionary<(int X, int Y), string>();
        foreach (var panel in _dashboard.Panels)
        {
            var place = panel.GetProperty("gridPos");
            var (x, y, width, height) = (Number("x"), Number("y"), Number("w"), Number("h"));
            string title = panel.GetProperty("title").GetString()!;
            Assert.True(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= Columns, title);
            for (int column = x; column < x + width; column++)
            {
                for (int row = y; row < y + height; row++)
                    Assert.True(taken.TryAdd((column, row), title), $"'{title}' lies over '{taken.GetValueOrDefault((column, row))}' at {column}, {row}");
            }

            int Number(string name) => place.GetProperty(name).GetInt32();
        }
    }
}
