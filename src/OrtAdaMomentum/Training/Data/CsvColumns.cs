using System.Globalization;
using OrtAdaMomentum.Artifacts;

namespace OrtAdaMomentum.Training.Data;

/// <summary>
/// Which fields of a table make up which tensor. A tensor is found by name: <c>x</c> for a single number, <c>x[0]</c>, <c>x[1]</c>, … for the
/// elements in order. Without such columns the target is the last column, and a model's only input is made of all columns that are left,
/// in their order.
/// </summary>
internal sealed class CsvColumns
{
    private readonly string[] _header;
    private readonly string _name;
    private readonly HashSet<int> _taken = [];

    private CsvColumns(string[] header, string name)
    {
        _header = header;
        _name = name;
    }

    /// <summary>For each value of the schema, the indices of its fields.</summary>
    public static IReadOnlyList<(TensorInfo Value, int[] Fields)> Assign(string[] header, DatasetSchema schema, string name)
    {
        foreach ((string title, int count) in header.CountBy(static title => title, StringComparer.Ordinal))
        {
            if (title.Length == 0)
                throw new DatasetException($"'{name}': column {Array.IndexOf(header, title) + 1} has no name. The first row has to name the columns.");
            if (count > 1)
                throw new DatasetException($"'{name}' has {count} columns named '{title}'.");
        }

        // What has a name of its own goes first: a missing target must not become the last feature.
        var columns = new CsvColumns(header, name);
        int[]?[] named = [.. schema.Inputs.Select(columns.Take)];
        int[] target = columns.Take(schema.Target) ?? columns.TakeLast(schema.Target);
        List<(TensorInfo Value, int[] Fields)> assigned = [];
        foreach ((var input, int[]? fields) in schema.Inputs.Zip(named))
            assigned.Add((input, fields ?? (schema.Inputs.Count == 1 ? columns.TakeRest() : throw columns.Missing(input))));
        assigned.Add((schema.Target, target));
        return assigned;
    }

    /// <summary>The shape of one sample made of <paramref name="count"/> numbers; one open axis takes what the fixed ones leave.</summary>
    public static long[] SampleShape(TensorInfo value, int count, string name)
    {
        var axes = DatasetSchema.SampleAxes(value);
        long known = ShapeFit.Product(axes.Where(static axis => axis.IsStatic).Select(static axis => axis.Extent));
        int open = axes.Count(static axis => !axis.IsStatic);
        bool fits = open == 0 ? known == count : open == 1 && known > 0 && count % known == 0;
        return fits
            ? [.. axes.Select(axis => axis.IsStatic ? axis.Extent : count / known)]
            : throw new DatasetException(
                $"'{name}' has {count} columns for '{value.Name}' (shape [{count}]), but the model takes [{string.Join(", ", axes)}].");
    }

    private int[]? Take(TensorInfo value)
    {
        int single = Array.IndexOf(_header, value.Name);
        Dictionary<int, int> numbered = [];
        for (int field = 0; field < _header.Length; field++)
        {
            if (ElementIndex(_header[field], value.Name) is { } index)
                numbered[index] = field;
        }

        if (single >= 0 && numbered.Count > 0)
            throw new DatasetException($"'{_name}' has both a column '{value.Name}' and a column '{value.Name}[{numbered.Keys.First()}]'.");
        if (single >= 0)
            return Mark([single]);
        if (numbered.Count == 0)
            return null;
        int gap = Enumerable.Range(0, numbered.Count).FirstOrDefault(index => !numbered.ContainsKey(index), -1);
        return gap < 0
            ? Mark([.. Enumerable.Range(0, numbered.Count).Select(index => numbered[index])])
            : throw new DatasetException($"'{_name}' has {numbered.Count} columns '{value.Name}[…]', but none of them is '{value.Name}[{gap}]'.");
    }

    private int[] TakeLast(TensorInfo target)
    {
        long width = ShapeFit.Product(DatasetSchema.SampleAxes(target).Where(static axis => axis.IsStatic).Select(static axis => axis.Extent));
        if (width < 1 || width >= _header.Length)
            throw Missing(target);
        int[] fields = [.. Enumerable.Range(_header.Length - (int)width, (int)width)];
        return fields.Any(_taken.Contains) ? throw Missing(target) : Mark(fields);
    }

    private int[] TakeRest() => Mark([.. Enumerable.Range(0, _header.Length).Where(field => !_taken.Contains(field))]);

    private int[] Mark(int[] fields)
    {
        _taken.UnionWith(fields);
        return fields;
    }

    private DatasetException Missing(TensorInfo value) => new(
        $"'{_name}' has no column '{value.Name}' (or '{value.Name}[0]', '{value.Name}[1]', …). Its columns: {string.Join(", ", _header.Take(20))}{(_header.Length > 20 ? ", …" : "")}.");

    private static int? ElementIndex(string title, string name) =>
        title.Length > name.Length + 2 && title[^1] == ']' && title[name.Length] == '[' && title.StartsWith(name, StringComparison.Ordinal)
        && int.TryParse(title.AsSpan()[(name.Length + 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index
            : null;
}
