using Spectre.Console;

namespace OrtAdaMomentum.Tools.Output;

/// <summary>A result for people: tables on a terminal, plain aligned lines in a file or pipe.</summary>
internal sealed class HumanReport(IAnsiConsole console, TextWriter plain)
{
    public void Line(string text) => plain.WriteLine(text);

    /// <summary>Names and values; those without a value are left out.</summary>
    public void Facts(params (string Name, string? Value)[] facts)
    {
        int width = facts.Max(static fact => fact.Value is null ? 0 : fact.Name.Length);
        foreach ((string name, string? value) in facts)
        {
            if (value is not null)
                plain.WriteLine($"{name.PadRight(width)}  {value}");
        }
    }

    public void Table(string title, string[] headers, IEnumerable<string[]> rows)
    {
        string[][] all = [.. rows];
        if (all.Length == 0)
            return;
        plain.WriteLine();
        if (console.Profile.Out.IsTerminal)
            WriteTable(title, headers, all);
        else
            WritePlain(title, headers, all);
    }

    private void WriteTable(string title, string[] headers, string[][] rows)
    {
        // Text, never markup: names of tensors may hold square brackets.
        var table = new Table { Title = new TableTitle(Markup.Escape(title)) };
        foreach (string header in headers)
            table.AddColumn(new TableColumn(new Text(header)));
        foreach (string[] row in rows)
            table.AddRow(row.Select(static cell => new Text(cell)));
        console.Write(table);
    }

    private void WritePlain(string title, string[] headers, string[][] rows)
    {
        plain.WriteLine($"{title}:");
        int[] widths = [.. headers.Select((header, column) => Math.Max(header.Length, rows.Max(row => row[column].Length)))];
        foreach (string[] row in rows.Prepend(headers))
            plain.WriteLine($"  {string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])))}".TrimEnd());
    }
}
