namespace OrtAdaMomentum.Personalization;

/// <summary>
/// Probabilities that a model gave, a column per class, with what was true. A yes-or-no target has one column, several such labels one each.
/// </summary>
public sealed class ClassProbabilities
{
    private readonly float[] _values;
    private readonly bool[] _isTrue;

    /// <summary>A matrix with a row per sample.</summary>
    /// <param name="columns">Number of columns, 1 or more.</param>
    /// <param name="values">The probabilities, row after row.</param>
    /// <param name="isTrue">What was true, in the same order.</param>
    public ClassProbabilities(int columns, float[] values, bool[] isTrue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(isTrue);
        if (values.Length != isTrue.Length || values.Length % columns != 0)
            throw new ArgumentException($"{values.Length} probabilities and {isTrue.Length} truths do not make rows of {columns}.", nameof(values));
        Columns = columns;
        _values = values;
        _isTrue = isTrue;
    }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>Number of rows.</summary>
    public int Samples => _values.Length / Columns;

    /// <summary>The probability in a column.</summary>
    public float Of(int sample, int column) => _values[sample * Columns + column];

    /// <summary>Whether the column is true of the sample.</summary>
    public bool IsTrue(int sample, int column) => _isTrue[sample * Columns + column];
}
