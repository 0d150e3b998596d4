namespace OrtAdaMomentum.Training.Data;

/// <summary>
/// Splits comma-separated text (RFC 4180) into records, one at a time and without a string per field. A quoted field may hold commas,
/// line breaks and doubled quotes. Empty lines are passed over.
/// </summary>
internal sealed class CsvReader(TextReader reader, string name)
{
    private const int LongestRecord = 1 << 24;
    private const int MostFields = 1 << 20;

    private readonly char[] _input = new char[1 << 15];
    private readonly List<int> _ends = [];
    private char[] _record = new char[1 << 12];
    private int _recordLength;
    private int _inputPosition;
    private int _inputLength;
    private int _physicalLine = 1;

    /// <summary>Number of the line on which the current record begins; the first is 1.</summary>
    public int Line { get; private set; }

    /// <summary>Number of fields in the current record.</summary>
    public int FieldCount => _ends.Count;

    /// <summary>A field of the current record, without the blanks and quotes around it.</summary>
    public ReadOnlySpan<char> Field(int index)
    {
        int start = index == 0 ? 0 : _ends[index - 1];
        return _record.AsSpan(start, _ends[index] - start).Trim();
    }

    /// <summary>Moves to the next record; false at the end of the text.</summary>
    public bool ReadRecord()
    {
        do
        {
            _ends.Clear();
            _recordLength = 0;
            Line = _physicalLine;
            if (Peek() < 0)
                return false;
            while (ReadField())
            {
            }
        }
        while (_ends.Count == 1 && Field(0).IsEmpty);

        return true;
    }

    // Returns whether another field follows on the record.
    private bool ReadField()
    {
        int start = _recordLength;
        while (true)
        {
            int next = Take();
            switch (next)
            {
                case '"' when _record.AsSpan(start, _recordLength - start).IsWhiteSpace():
                    _recordLength = start;
                    ReadQuoted();
                    return EndQuoted();
                case ',':
                    EndField();
                    return true;
                case < 0 or '\n':
                    EndField();
                    return false;
                case '\r' when Peek() is '\n' or < 0:
                    break;
                default:
                    Append((char)next);
                    break;
            }
        }
    }

    private void ReadQuoted()
    {
        while (true)
        {
            int next = Take();
            if (next < 0)
                throw new DatasetException($"'{name}', line {Line}: a quoted field is not closed.");
            if (next != '"')
                Append((char)next);
            else if (Peek() == '"')
                Append((char)Take());
            else
                return;
        }
    }

    private bool EndQuoted()
    {
        while (true)
        {
            int next = Take();
            switch (next)
            {
                case ',':
                    EndField();
                    return true;
                case < 0 or '\n':
                    EndField();
                    return false;
                case ' ' or '\t' or '\r':
                    break;
                default:
                    throw new DatasetException($"'{name}', line {Line}: text follows a quoted field.");
            }
        }
    }

    private void EndField()
    {
        _ends.Add(_recordLength);
        if (_ends.Count > MostFields)
            throw new DatasetException($"'{name}', line {Line} has more than {MostFields} fields.");
    }

    private void Append(char value)
    {
        if (_recordLength == _record.Length)
        {
            if (_recordLength >= LongestRecord)
                throw new DatasetException($"'{name}', line {Line} is longer than {LongestRecord} characters.");
            Array.Resize(ref _record, _record.Length * 2);
        }

        _record[_recordLength++] = value;
    }

    private int Take()
    {
        int next = Peek();
        if (next >= 0)
            _inputPosition++;
        if (next == '\n')
            _physicalLine++;
        return next;
    }

    private int Peek()
    {
        if (_inputPosition == _inputLength)
        {
            _inputPosition = 0;
            _inputLength = reader.Read(_input, 0, _input.Length);
            if (_inputLength == 0)
                return -1;
        }

        return _input[_inputPosition];
    }
}
