using System.Buffers;
using System.Globalization;
using System.Text;
using OrtAdaMomentum.Artifacts;
using OrtAdaMomentum.Onnx;

namespace OrtAdaMomentum.Training.Data;

/// <summary>
/// Reads datasets from comma-separated text with a header row. Numbers are written with a decimal point, whatever the machine's culture.
/// </summary>
public static class CsvDataset
{
    /// <summary>Reads the columns that the schema asks for, in the element types of the schema.</summary>
    /// <exception cref="DatasetException">
    /// The file cannot be read, columns are missing, rows are of unequal length, or a field is no number the model can take; the message names
    /// row and column.
    /// </exception>
    public static TensorDataset Load(string path, DatasetSchema schema, DatasetReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(schema);
        using var reader = new StreamReader(DataFile.Open(path), new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true);
        return Load(reader, path, schema, options ?? DatasetReadOptions.Default);
    }

    internal static TensorDataset Load(TextReader text, string name, DatasetSchema schema, DatasetReadOptions options)
    {
        var reader = new CsvReader(text, name);
        if (!reader.ReadRecord())
            throw new DatasetException($"'{name}' is empty. The first row has to name the columns.");
        string[] header = new string[reader.FieldCount];
        for (int field = 0; field < header.Length; field++)
            header[field] = reader.Field(field).ToString();

        Column[] columns = [.. CsvColumns.Assign(header, schema, name).Select(pair => new Column(pair.Value, pair.Fields, name))];
        long rowBytes = columns.Sum(static column => column.RowBytes);
        int rows = 0;
        while (reader.ReadRecord())
        {
            rows++;
            if (rowBytes * rows > options.MaxBytes)
                throw new DatasetException($"'{name}' takes more than {options.MaxBytes} bytes in memory, which is the limit.");
            if (reader.FieldCount != header.Length)
                throw new DatasetException($"'{name}', row {rows} (line {reader.Line}) has {reader.FieldCount} fields, but the header has {header.Length}.");
            foreach (var column in columns)
                column.AddRow(reader, rows, header);
        }

        if (rows == 0)
            throw new DatasetException($"'{name}' has no rows below its header.");
        var dataset = new TensorDataset(rows);
        foreach (var column in columns)
            dataset.AddOwned(column.Shape, column.ToArray());
        return dataset;
    }

    /// <summary>The numbers of one tensor, collected row by row.</summary>
    private sealed class Column
    {
        private readonly string _name;
        private readonly int[] _fields;
        private readonly double[] _numbers;
        private readonly ArrayBufferWriter<byte> _bytes = new();
        private readonly byte[] _row;

        public Column(TensorInfo value, int[] fields, string name)
        {
            if (!ElementConversion.IsNumber(value.ElementType))
                throw new DatasetException($"'{name}': the model takes '{value.Name}' as {value.ElementType}, which text cannot be converted to.");
            Shape = new DatasetColumn(value.Name, value.ElementType, CsvColumns.SampleShape(value, fields.Length, name));
            _name = name;
            _fields = fields;
            _numbers = new double[fields.Length];
            _row = new byte[fields.Length * Shape.ElementType.SizeInBytes()];
        }

        public DatasetColumn Shape { get; }

        public int RowBytes => _row.Length;

        public void AddRow(CsvReader reader, int row, string[] header)
        {
            for (int index = 0; index < _fields.Length; index++)
            {
                int field = _fields[index];
                var text = reader.Field(field);
                if (Parse(text, out _numbers[index]) is { } what)
                    throw new DatasetException($"'{_name}', row {row} (line {reader.Line}), column '{header[field]}': {what}.");
            }

            ElementConversion.Narrow(Shape.ElementType, _numbers, _row);
            if ((long)_bytes.WrittenCount + _row.Length > Array.MaxLength)
                throw new DatasetException($"'{_name}' has more numbers for '{Shape.Name}' than one array can have. Split the data into several files.");
            _bytes.Write(_row);
        }

        public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

        private string? Parse(ReadOnlySpan<char> text, out double number)
        {
            number = 0;
            if (text.IsEmpty)
                return "the value is missing";
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
                return $"'{(text.Length > 40 ? $"{text[..40]}…" : text)}' is not a number";
            return ElementConversion.Problem(number, ElementType.Double, Shape.ElementType);
        }
    }
}
