using System.Globalization;

namespace OrtAdaMomentum.Training.Data;

/// <summary>
/// The header of a .npy file: a Python dictionary literal of exactly three entries, for example
/// <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>.
/// </summary>
internal sealed class NpyHeader
{
    private const int MostAxes = 32;

    private readonly string _text;
    private readonly string _name;
    private int _position;

    private NpyHeader(string text, string name)
    {
        _text = text;
        _name = name;
    }

    public string? Description { get; private set; }

    public bool? FortranOrder { get; private set; }

    public long[]? Shape { get; private set; }

    public static NpyHeader Parse(string text, string name)
    {
        var header = new NpyHeader(text, name);
        header.ReadDictionary();
        return header;
    }

    private void ReadDictionary()
    {
        Expect('{');
        while (!TryTake('}'))
        {
            ReadEntry();
            if (!TryTake(','))
            {
                Expect('}');
                break;
            }
        }

        if (Peek() != '\0' || Description is null || FortranOrder is null || Shape is null)
            throw Malformed();
    }

    private void ReadEntry()
    {
        string key = ReadString();
        Expect(':');
        switch (key)
        {
            case "descr" when Description is null:
                if (Peek() == '[')
                    throw new DatasetException($"{_name} has records of several fields as elements. Save each field as an array of its own.");
                Description = ReadString();
                break;
            case "fortran_order" when FortranOrder is null:
                FortranOrder = ReadBoolean();
                break;
            case "shape" when Shape is null:
                Shape = ReadShape();
                break;
            default:
                throw Malformed();
        }
    }

    private string ReadString()
    {
        char quote = Peek();
        if (quote is not ('\'' or '"'))
            throw Malformed();
        int end = _text.IndexOf(quote, ++_position);
        if (end < 0)
            throw Malformed();
        string value = _text[_position..end];
        _position = end + 1;
        return value;
    }

    private bool ReadBoolean()
    {
        foreach ((string word, bool value) in new[] { ("True", true), ("False", false) })
        {
            Peek();
            if (string.CompareOrdinal(_text, _position, word, 0, word.Length) == 0)
            {
                _position += word.Length;
                return value;
            }
        }

        throw Malformed();
    }

    private long[] ReadShape()
    {
        List<long> extents = [];
        Expect('(');
        while (!TryTake(')'))
        {
            extents.Add(ReadExtent());
            if (extents.Count > MostAxes)
                throw new DatasetException($"{_name} has more than {MostAxes} axes.");
            if (!TryTake(','))
            {
                Expect(')');
                break;
            }
        }

        return [.. extents];
    }

    private long ReadExtent()
    {
        Peek();
        int start = _position;
        while (_position < _text.Length && char.IsAsciiDigit(_text[_position]))
            _position++;
        if (!long.TryParse(_text.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out long extent))
            throw Malformed();
        // Python 2 marked long integers.
        TryTake('L');
        return extent;
    }

    private char Peek()
    {
        while (_position < _text.Length && _text[_position] is (' ' or '\n'))
            _position++;
        return _position < _text.Length ? _text[_position] : '\0';
    }

    private bool TryTake(char wanted)
    {
        if (Peek() != wanted)
            return false;
        _position++;
        return true;
    }

    private void Expect(char wanted)
    {
        if (!TryTake(wanted))
            throw Malformed();
    }

    private DatasetException Malformed() => new($"{_name} has a malformed NumPy header (at character {_position}).");
}
